"""`recorder import`: a session that somebody sent, in a database of its own."""

from pathlib import Path

import click

from recorder.cli.options import say


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Database to make. [default: FILE with `.db` in place of its ending, in this folder]",
)
def command(*, file: Path, db: Path | None) -> None:
    """Make a database of a bundle (`recorder export --format bundle`), to be looked at and replayed.

    \b
    recorder import session.bundle
    recorder show --db session.db ID
    recorder replay --db session.db SESSION -- claude

    The database is a new one, marked as imported: all commands that read take it with --db, and none records into it.
    Everything in the bundle is checked against its own digests first. That says that it is whole and as it was sent,
    not that its sender is honest: for proof ask for an evidence pack.
    """
    from recorder.export.unbundle import read_bundle  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.importing import write_imported  # noqa: PLC0415
    from recorder.view.text import clean_line  # noqa: PLC0415

    target = db or Path(file.with_suffix(".db").name)
    with read_bundle(file) as bundle:
        write_imported(target, bundle.rows())
        head = bundle.head
    said = clean_line(f"session {head.session}, bundled {head.made_utc} by {head.by}")
    say(f"{target}: {said}; read it with --db {target}")
