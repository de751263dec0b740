"""`recorder search`: find what was said."""

from pathlib import Path
from typing import Any

import click

from recorder.cli.filters import filter_options, filters
from recorder.cli.options import db_option, json_option, note_view

_WHO = ("user", "model", "tool_input", "tool_result", "system", "error")


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--in", "sources", type=click.Choice(_WHO), multiple=True, help="Only what these said; may be repeated.")
@click.option("--tool", help="Only inputs and results of this tool.")
@click.option("--best", is_flag=True, help="The most to the point first, instead of the newest.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@filter_options
@db_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, query: tuple[str, ...], db: Path, as_json: bool, **given: Any) -> None:
    """Search prompts, tool inputs and results, answers and errors.

    Every word must be there; "these words" in a row; budg* for beginnings; -word for texts without it (after `--`, or
    in quotes with the rest). Each text is shown once, with the call that brought it. The first search of a record makes
    an index beside it (records.db.search), which may be deleted at any time.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.bar import Bar  # noqa: PLC0415
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.view.search import hit_json, hit_lines, hits_layout  # noqa: PLC0415

    chosen = {name: given.pop(name) for name in ("sources", "tool", "best", "limit", "model")}
    wanted = queries.Wanted(query=queries.parse_query(_joined(query)), **chosen)
    with open_reader(db) as database, Bar("indexing") as progress:
        found = queries.search(database, db, wanted, progress, **filters(database, **given))
    if found:  # what was searched for is not recorded: it may be a secret, and nobody has redacted it
        note_view(ctx, db, *dict.fromkeys(hit.row.id for hit in found))
    if as_json:
        printing.print_json([hit_json(hit) for hit in found])
    elif not found:
        click.echo("Nothing was found.", err=True)
    elif printing.is_terminal():
        printing.print_layout(hits_layout(found))
    else:
        for line in hit_lines(found):
            click.echo(line)


def _joined(words: tuple[str, ...]) -> str:
    """Join what a shell took apart: an argument with blanks was quoted."""
    if len(words) == 1:
        return words[0]
    return " ".join(f'"{word}"' if " " in word else word for word in words)
