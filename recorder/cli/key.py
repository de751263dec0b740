"""`recorder key`: the keys of this user's records. Shown are names and dates, never a key."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from recorder.cli.options import db_option, json_option, say
from recorder.errors import StoreError


@click.group()
def command() -> None:
    """Show and rotate the keys of this user's records."""


@command.command()
@json_option
def show(*, as_json: bool) -> None:
    """List the keys: what each is for, its name, when it was made and retired. Never the key itself.

    The name of the key that signs checkpoints is its public half; `recorder checkpoint --public-key` prints that in the
    form to give away.
    """
    from recorder.capture.key_ring import read_ring  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.capture.keys import SIGNING_KEY, maybe_signing_key  # noqa: PLC0415
    from recorder.cli import printing  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415
    from recorder.view.columns import tab_lines  # noqa: PLC0415

    ring = read_ring(config_dir())
    rows: list[dict[str, Any]] = [
        {"purpose": "redaction", "id": key.id, "made_utc": key.made_utc, "retired_utc": key.retired_utc}
        for key in (ring.keys if ring else ())
    ]
    if signing := maybe_signing_key(config_dir()):
        made = datetime.fromtimestamp((config_dir() / SIGNING_KEY).stat().st_mtime, UTC)
        made_utc = made.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        rows.append({"purpose": "signing", "id": signing.public.hex(), "made_utc": made_utc, "retired_utc": None})
    if as_json:
        printing.print_json(rows)
    elif rows:
        for line in tab_lines(tuple(rows[0]), [list(row.values()) for row in rows]):
            click.echo(line)
    else:
        click.echo("No key was made yet; the first recording makes one.", err=True)


@command.command()
@click.option("--forget-old", is_flag=True, help="Destroy the keys before the new one instead of keeping them.")
@db_option
def rotate(*, forget_old: bool, db: Path) -> None:
    """Put a new key of redaction in use.

    From then on the same secret has another fingerprint. The old keys are kept, so that a secret that is seen again is
    recognised (`recorder secrets` shows both names as one); with --forget-old they are destroyed, and no guess at a
    secret in an old record can be tested any more, by anybody.

    A recorder that runs goes on with the old key until it is started anew. The rotation is noted in the database.
    """
    from recorder.capture.key_ring import rotate as rotate_ring  # noqa: PLC0415
    from recorder.capture.rotation import note_rotation, running_recorders  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415

    running = running_recorders(db)
    if running and forget_old:
        raise StoreError(
            f"{running} of this database's recorders run with the key that is to be forgotten; stop them first"
        )
    now = datetime.now(UTC)
    ring = rotate_ring(config_dir(), now, forget=forget_old)
    click.echo(f"redaction key {ring.current.id} in use; {len(ring.keys) - 1} kept for comparing")
    if running:
        say(f"{running} of this database's recorders run with the old key until they are started anew")
    if not note_rotation(db, config_dir(), ring, now, forgot=forget_old):
        say(f"{db}: there is no such database, so the rotation stands in no record")
