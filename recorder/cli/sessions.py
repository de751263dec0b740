"""`recorder sessions`: what belongs together, one line each."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option

_ON_A_SCREEN = 100
"""How many a terminal is shown when no limit is given; JSON and pipes get all."""


@click.command()
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the last N.")
@db_option
@json_option
def command(*, db: Path, as_json: bool, limit: int | None) -> None:
    """List sessions, the one that was active last at the end.

    In counts all tokens that were sent, whether the cache had them or not.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.bar import Bar  # noqa: PLC0415
    from recorder.model import FlowClass  # noqa: PLC0415
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    shorten = limit is None and not as_json and printing.is_terminal()
    with open_reader(db) as database, Bar("summing up") as progress:
        queries.sum_up(database, progress)
        # Calls around model calls would make the count differ from that of `recorder interactions`.
        found = queries.list_sessions(
            database, flow_class=FlowClass.MODEL, limit=_ON_A_SCREEN + 1 if shorten else limit
        )
    is_cut = shorten and len(found) > _ON_A_SCREEN
    rows = sorted(found[:_ON_A_SCREEN] if is_cut else found, key=lambda row: row.last_utc)
    if as_json:
        from recorder.view.asjson import session  # noqa: PLC0415

        printing.print_json([session(row) for row in rows])
        return
    from recorder.view.sessions import session_lines, sessions_table  # noqa: PLC0415

    if not rows:
        click.echo("No sessions were recorded yet.", err=True)
        return
    if is_cut:
        click.echo(f"The last {_ON_A_SCREEN}; --limit gives more.", err=True)
    printing.print_rows(session_lines(rows), lambda width: sessions_table(rows, width))
