"""`recorder usage`: tokens and cost, summed up."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.filters import filter_options, filters
from recorder.cli.options import db_option, json_option
from recorder.model import FlowClass

if TYPE_CHECKING:
    from recorder.store.queries import Grouping

_KEYS = ("day", "model", "project", "session", "provider", "agent", "team", "user", "key")


@click.command()
@click.option("--by", type=click.Choice(_KEYS), default="day", show_default=True, help="What to sum up by.")
@filter_options
@db_option
@json_option
def command(*, by: "Grouping", db: Path, as_json: bool, **given: Any) -> None:
    """Sum up tokens and cost of model calls.

    A cost that is not known is counted, never taken for 0. Days are days of UTC.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.bar import Bar  # noqa: PLC0415
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    with open_reader(db) as database, Bar("summing up") as progress:
        queries.sum_up(database, progress)
        chosen = {"flow_class": FlowClass.MODEL, **filters(database, **given)}
        rows = queries.usage_by(database, by, **chosen)
        shows_trend = printing.is_terminal() and not as_json and by != "day"
        trend = queries.usage_trend(database, by, **chosen) if shows_trend else {}
    if as_json:
        from recorder.view.asjson import usage  # noqa: PLC0415

        printing.print_json([usage(row) for row in rows])
        return
    from recorder.view.usage import usage_lines, usage_table  # noqa: PLC0415

    if not rows:
        click.echo("No interactions match.", err=True)
        return
    printing.print_rows(usage_lines(rows), lambda width: usage_table(rows, by, width, trend))
