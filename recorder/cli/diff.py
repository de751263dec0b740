"""`recorder diff`: what differs between two requests."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option
from recorder.errors import StoreError


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@click.option("--all", "whole", is_flag=True, help="Cut no change short.")
@db_option
@json_option
def command(*, first: str, second: str | None, whole: bool, db: Path, as_json: bool) -> None:
    """Compare the requests of two interactions: parameters, system prompt, tools, messages.

    With A alone: what A changed against the request that it goes on from. The beginnings of ids are enough.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.view.comparison import compare, comparison_json  # noqa: PLC0415

    with open_reader(db) as database:
        if second is None:
            before = queries.request_before(database, first)
            if before is None:
                raise StoreError(f"no request was recorded before {first} in its session; name two to compare")
            first, second = before, first
        comparison = compare(database, first, second)
    if as_json:
        printing.print_json(comparison_json(comparison))
        return
    from recorder.view.diff import diff  # noqa: PLC0415

    printing.print_layout(diff(comparison, whole=whole))
