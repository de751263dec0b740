"""`recorder errors`: what failed, and how often."""

from pathlib import Path
from typing import Any

import click

from recorder.cli.filters import filter_options, filters
from recorder.cli.options import db_option, json_option
from recorder.model import FlowClass


@click.command()
@filter_options
@db_option
@json_option
def command(*, db: Path, as_json: bool, **given: Any) -> None:
    """List how model calls ended that did not end complete: how often, when last, and what the last one was told.

    Failed, aborted, blocked and lost calls, grouped by HTTP status, the error's type and who answered.
    """
    import msgspec  # noqa: PLC0415 -- start-up time of `--help`

    from recorder.cli import printing  # noqa: PLC0415
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.view.errors_seen import error_lines, errors_table  # noqa: PLC0415

    with open_reader(db) as database:
        rows = queries.errors_seen(database, flow_class=FlowClass.MODEL, **filters(database, **given))
    if as_json:
        printing.print_json([msgspec.structs.asdict(row) for row in rows])
    elif not rows:
        click.echo("Nothing failed.", err=True)
    else:
        printing.print_rows(error_lines(rows), lambda width: errors_table(rows, width))
