"""`recorder interactions`: what was recorded, one line each."""

from pathlib import Path
from typing import Any

import click

from recorder.cli.filters import filter_options, filters
from recorder.cli.options import db_option, json_option
from recorder.model import FlowClass, State

_ON_A_SCREEN = 100
"""How many a terminal is shown when no limit is given; JSON and pipes get all."""


@click.command()
@filter_options
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only in this state.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the last N.")
@click.option("--support", is_flag=True, help="With the calls around model calls (token counts, lists of models, ...).")
@db_option
@json_option
def command(*, db: Path, as_json: bool, limit: int | None, support: bool, **given: Any) -> None:
    """List interactions, oldest first.

    In: tokens that the cache did not have; Cached: read from it; Written: written to it.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    shorten = limit is None and not as_json and printing.is_terminal()
    with open_reader(db) as database:
        rows = queries.list_interactions(
            database,
            flow_class=None if support else FlowClass.MODEL,
            limit=_ON_A_SCREEN + 1 if shorten else limit,
            **filters(database, **given),
        )
    is_cut = shorten and len(rows) > _ON_A_SCREEN
    rows = (rows[:_ON_A_SCREEN] if is_cut else rows)[::-1]
    if as_json:
        from recorder.view.asjson import interaction  # noqa: PLC0415

        printing.print_json([interaction(row) for row in rows])
        return
    from recorder.view.interactions import interaction_lines, interactions_table  # noqa: PLC0415

    if not rows:
        click.echo("No interactions match.", err=True)
        return
    if is_cut:
        click.echo(f"The last {_ON_A_SCREEN}; --limit gives more, --since and --until others.", err=True)
    printing.print_rows(interaction_lines(rows), lambda width: interactions_table(rows, width))
