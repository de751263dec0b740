"""`recorder backup`: a copy that was looked at before it is called one."""

import sys
from pathlib import Path

import click

from recorder.cli.options import db_option


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@db_option
def command(*, file: Path, db: Path) -> None:
    """Copy the database to FILE while recorders write it, verify the copy, and print its checkpoint.

    The copy is a database like any other: `recorder show --db FILE` reads it. To go back to it, stop
    all recorders, remove the database and its -wal and -shm files, and put the copy in its place. The keys are not in
    it: keep the configuration folder as well, somewhere else.

    The exit code is that of `recorder verify` on the copy.
    """
    from recorder.cli import verifying  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.backup import back_up  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.ledger_rows import stored_notes  # noqa: PLC0415
    from recorder.store.verification import verify  # noqa: PLC0415

    with open_reader(db) as reader:
        back_up(reader, file)
    with open_reader(file) as copy:
        report = verify(copy, verifying.own_keys(copy, db))
        notes = [note for _, note in stored_notes(copy)]
    click.echo(f"{file}: {report.verdict}: {report.records} records, {report.parts} parts", err=True)
    for note in notes[-1:]:
        click.echo(note, nl=False)
    sys.exit(report.verdict.exit_code)
