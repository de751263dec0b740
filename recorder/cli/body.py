"""`recorder body`: the stored bytes."""

import sys
from pathlib import Path

import click

from recorder.cli.options import db_option, note_view


@click.command()
@click.argument("interaction", metavar="ID")
@click.option("--side", type=click.Choice(["request", "response"]), required=True, help="Which body.")
@click.option("--upstream", is_flag=True, help="What the provider exchanged, when that was translated.")
@db_option
@click.pass_context
def command(ctx: click.Context, /, *, interaction: str, side: str, upstream: bool, db: Path) -> None:
    """Write a stored body to stdout, byte for byte.

    A request is as it was sent, without its content coding and with secrets replaced; a response is the JSON of the
    message that it amounts to. The beginning of an ID is enough. On a terminal, characters that would steer it are
    shown instead of obeyed.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.view.text import clean  # noqa: PLC0415

    is_request = side == "request"
    with open_reader(db) as database:
        read = queries.request_body if is_request else queries.answer_body
        data = read(database, interaction, upstream=upstream)
        whole_id = queries.get_interaction(database, interaction).id
    note_view(ctx, db, whole_id, side=side)
    if printing.is_terminal():
        click.echo(clean(data.decode(errors="backslashreplace")))
    else:
        sys.stdout.buffer.write(data)
