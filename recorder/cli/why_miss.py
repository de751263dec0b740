"""`recorder why-miss`: what the prompt cache did not give, and why."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, json_option
from recorder.errors import StoreError

if TYPE_CHECKING:
    from recorder.store.database import Database
    from recorder.store.results import InteractionRow


@click.command()
@click.argument("which", metavar="ID|SESSION")
@db_option
@json_option
def command(*, which: str, db: Path, as_json: bool) -> None:
    """Explain why a request read less from the prompt cache than it could have; of a session, each call that did.

    What could be read is what the request before it had read or written. The reason is the first difference in the
    order in which prompts are cached (tools, system, messages), or a lifetime of 5 minutes or 1 hour that had run out.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.view.misses import explain, explain_session, miss_json  # noqa: PLC0415
    from recorder.view.why_miss import miss_lines, miss_text, misses_table  # noqa: PLC0415

    with open_reader(db) as database:
        found = _find(database, which)
        misses = explain_session(database, found) if isinstance(found, str) else [explain(database, found)]
    if as_json:
        values = [miss_json(miss) for miss in misses]
        printing.print_json(values if isinstance(found, str) else values[0])
    elif isinstance(found, str):
        printing.print_rows(miss_lines(misses), lambda width: misses_table(misses, width))
    else:
        printing.print_layout(miss_text(misses[0]))


def _find(db: "Database", which: str) -> "InteractionRow | str":
    """Find an interaction, or a session's id. Raises StoreError when neither begins so, or several do."""
    from recorder.store import queries  # noqa: PLC0415

    try:
        return queries.get_interaction(db, which)
    except StoreError as error:
        try:
            session = queries.get_session(db, which).id
        except StoreError as other:
            several = next((str(one) for one in (error, other) if str(one).startswith("several")), None)
            raise StoreError(several or f"no interaction and no session has an id that begins with {which!r}") from None
    assert session is not None
    return session
