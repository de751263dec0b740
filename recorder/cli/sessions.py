"""`recorder sessions`: what belongs together, one line each."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option


@click.command()
@db_option
@json_option
def command(*, db: Path, as_json: bool) -> None:
    """List sessions, the one that was active last at the end.

    In counts all tokens that were sent, whether the cache had them or not.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.model import FlowClass  # noqa: PLC0415
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    with open_reader(db) as database:
        # Calls around model calls would make the count differ from that of `recorder interactions`.
        sessions = queries.list_sessions(database, flow_class=FlowClass.MODEL)
        rows = sorted(sessions, key=lambda row: row.last_utc)
    if as_json:
        from recorder.view.asjson import session  # noqa: PLC0415

        printing.print_json([session(row) for row in rows])
        return
    from recorder.view.sessions import session_lines, sessions_table  # noqa: PLC0415

    if not rows:
        click.echo("No sessions were recorded yet.", err=True)
        return
    printing.print_rows(session_lines(rows), lambda width: sessions_table(rows, width))
