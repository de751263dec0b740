"""`recorder tree`: a session, its subagents and its tools."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option
from recorder.errors import StoreError
from recorder.model import FlowClass


@click.command()
@click.argument("session", metavar="SESSION")
@db_option
@json_option
def command(*, session: str, db: Path, as_json: bool) -> None:
    """Show a session as a tree: main thread, subagents, tools, with tokens, cost and time of each.

    The beginning of the session's id is enough. Times are those in model calls, of the whole time from the first call
    to the end of the last; a tool's is the time until its results came back.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.view.tree import tree, tree_json  # noqa: PLC0415

    with open_reader(db) as database:
        id_ = queries.get_session(database, session).id
        agents = queries.session_agents(database, id_)
        found = queries.list_sessions(database, session=id_, flow_class=FlowClass.MODEL)
    if not found:
        raise StoreError(f"session {id_} made no model call")
    row = found[0]
    if as_json:
        printing.print_json(tree_json(row, agents))
    else:
        printing.print_layout(tree(row, agents))
