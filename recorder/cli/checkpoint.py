"""`recorder checkpoint`: what to keep somewhere else, so that nobody can rewrite what is older than it."""

from pathlib import Path

import click

from recorder.cli.options import db_option
from recorder.errors import StoreError


@click.command()
@db_option
@click.option("--public-key", is_flag=True, help="Print the public key that it is verified with instead.")
def command(*, db: Path, public_key: bool) -> None:
    """Print the newest signed checkpoint: the number of records and the root of their tree.

    Keep it where whoever can write the database cannot: another machine, a mail, a ticket. `recorder verify
    --checkpoint FILE` checks the record against it later; the file may hold many, one after the other.
    """
    from recorder.cli.verifying import own_keys  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.ledger_rows import stored_notes  # noqa: PLC0415

    with open_reader(db) as reader:
        notes = dict(stored_notes(reader))
        if not notes:
            raise StoreError(f"{db}: nothing in it is signed yet; record something first")
        if public_key:
            click.echo(str(own_keys(reader, db)[0]))
        else:
            click.echo(list(notes.values())[-1], nl=False)
