"""`recorder demo`: a synthetic session, recorded for real and shown; no account, no network."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

import click

from recorder.cli import printing
from recorder.cli.addons_dir import serve_command
from recorder.cli.leaks import find_leaks
from recorder.cli.options import say
from recorder.cli.proxy_process import ServeOptions, running_proxy
from recorder.demo.provider import Provider
from recorder.demo.scripts import demo_session
from recorder.demo.session import PlayResult, play
from recorder.errors import RecorderError
from recorder.model import FlowClass
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions, list_sessions
from recorder.view.conversation import load_conversation
from recorder.view.figures import times
from recorder.view.interactions import interaction_lines, interactions_table
from recorder.view.sessions import session_lines, sessions_table
from recorder.view.show import show


@click.command()
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Record into this database. [default: a new temporary one, which is kept]",
)
def command(db: Path | None) -> None:
    """Record a synthetic session and show what was recorded: no account, no network.

    It has a tool call, a subagent, a cache miss, and a secret that a tool prints.
    """
    path = db.resolve() if db else Path(tempfile.mkdtemp(prefix="recorder-demo-")) / "records.db"
    say("a synthetic client talks to a synthetic provider through the recorder …")
    try:
        played = asyncio.run(_play(path))
    except (OSError, ValueError) as error:
        raise RecorderError(f"the demo broke off: {error}; run `recorder doctor`") from None
    if find_leaks(path, played.secrets):
        raise RecorderError(f"a planted secret was found in {path}; do not record with this installation")
    _show(path, played)
    click.echo(f"\nRecorded in {path}. Go on with:")
    for line in ("recorder interactions", "recorder usage --by model", "recorder show ID"):
        click.echo(f"  {line} --db {path}")


async def _play(db: Path) -> PlayResult:
    async with contextlib.AsyncExitStack() as stack:
        provider = await stack.enter_async_context(Provider(demo_session()))
        options = ServeOptions(specs=(f"reverse:{provider.url}",), db=db, settings={"recorder_project": "demo"})
        proxies = contextlib.ExitStack()
        stack.push_async_callback(asyncio.to_thread, proxies.close)
        proxy = await asyncio.to_thread(proxies.enter_context, running_proxy(serve_command(), options))
        return await play(f"http://{proxy.ready.listening[0].address}")


def _show(db: Path, played: PlayResult) -> None:
    with open_reader(db) as reader:
        sessions = [row for row in list_sessions(reader) if row.id == played.session_id]
        rows = list_interactions(reader, session=played.session_id, flow_class=FlowClass.MODEL)[::-1]
        chosen = next((row for row in reversed(rows) if row.tool_calls and not row.agent_id), rows[-1])
        conversation = load_conversation(reader, chosen.id)
    _head("recorder sessions")
    printing.print_rows(session_lines(sessions), lambda width: sessions_table(sessions, width))
    _head("recorder interactions")
    printing.print_rows(interaction_lines(rows), lambda width: interactions_table(rows, width))
    _head(f"recorder show {chosen.id}")
    printing.print_layout(show(conversation, whole=False))
    found = sum(row.findings for row in rows)
    click.echo(f"\nThe planted secrets are nowhere in the database: {times(found, 'finding')} redacted.")


def _head(title: str) -> None:
    click.echo(f"\n$ {title}")
