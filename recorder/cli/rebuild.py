"""`recorder rebuild`: every derived table anew."""

from pathlib import Path

import click

from recorder.cli.options import db_option
from recorder.errors import StoreError


@click.command()
@db_option
def command(*, db: Path) -> None:
    """Make the derived tables (interactions, tool calls, lists, secrets, runs, ...) anew from records and parts.

    In one transaction: either all is made anew, or nothing changes. Recorders must have stopped.
    """
    from recorder.capture.rotation import running_recorders  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.bar import Bar  # noqa: PLC0415
    from recorder.store.database import open_writer  # noqa: PLC0415
    from recorder.store.rebuild import rebuild  # noqa: PLC0415

    if not db.exists():
        raise StoreError(f"{db}: there is no such database; name another with --db")
    if running := running_recorders(db):
        raise StoreError(f"{db}: {running} recorders are writing it; stop them first")
    with open_writer(db) as writer, Bar("rebuilding") as progress:
        count = rebuild(writer, progress)
    click.echo(f"made anew from {count} records")
