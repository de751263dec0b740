"""`recorder show`: one interaction as a conversation."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option, note_view


@click.command()
@click.argument("interaction", metavar="ID")
@click.option("--all", "whole", is_flag=True, help="Fold nothing: earlier messages, system prompt, thinking.")
@db_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, interaction: str, whole: bool, db: Path, as_json: bool) -> None:
    """Show an interaction: what is new in its request, the answer, tool calls with their results, usage, cost.

    The beginning of an ID is enough. JSON holds everything, as --all does.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.database import open_reader  # noqa: PLC0415

    with open_reader(db) as database:
        if as_json:
            from recorder.view import asjson  # noqa: PLC0415

            shown = asjson.conversation(database, interaction)
            note_view(ctx, db, shown["interaction"]["id"])
            printing.print_json(shown)
            return
        from recorder.view.conversation import load_conversation  # noqa: PLC0415
        from recorder.view.show import show  # noqa: PLC0415

        conversation = load_conversation(database, interaction)
    note_view(ctx, db, conversation.row.id)
    printing.print_layout(show(conversation, whole=whole))
