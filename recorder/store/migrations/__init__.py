"""The schema, as the steps that lead to it.

A step that was released is frozen: its file imports nothing of this program, so that it means tomorrow what it meant
the day it ran. A change to the schema is a new file and a new line in `STEPS`.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from recorder.store.migrations import (
    m001_record,
    m002_secrets,
    m003_cleared,
    m004_checkpoints,
    m005_fingerprint_links,
    m006_compact,
    m007_routes,
    m008_in_flight,
    m010_keeping,
    m012_limits,
    m013_translated,
    m014_closed,
    m015_access_key,
    m016_failed,
)

APPLICATION_ID = 0x4C414152
"""`LAAR` in the database's header (`PRAGMA application_id`): how a database is known to be ours."""

IMPORTED_ID = 0x4C414149
"""`LAAI`: holds what was imported (`recorder.store.importing`), and is there to be read."""

SET_NAME = "recorder"
STEPS = {
    "m001_record": m001_record.migrate,
    "m002_secrets": m002_secrets.migrate,
    "m003_cleared": m003_cleared.migrate,
    "m004_checkpoints": m004_checkpoints.migrate,
    "m005_fingerprint_links": m005_fingerprint_links.migrate,
    "m006_compact": m006_compact.migrate,
    "m007_routes": m007_routes.migrate,
    "m008_in_flight": m008_in_flight.migrate,
    "m010_keeping": m010_keeping.migrate,
    "m012_limits": m012_limits.migrate,
    "m013_translated": m013_translated.migrate,
    "m014_closed": m014_closed.migrate,
    "m015_access_key": m015_access_key.migrate,
    "m016_failed": m016_failed.migrate,
}

migrations = Migrations(SET_NAME)
for _name, _step in STEPS.items():
    migrations(name=_name)(_step)


def unknown_steps(db: Database) -> list[str]:
    """Return the steps in this database that this program does not have: a newer program made them."""
    return [step.name for step in migrations.applied(db) if step.name not in STEPS]
