"""`recorder replay`: the recorded answers of a session, served to a client."""

import asyncio
import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, note_view, say, settings
from recorder.errors import ConfigError, RecorderError

if TYPE_CHECKING:
    from recorder.again.player import Player
    from recorder.again.tape import Tape


@click.command()
@click.argument("session", metavar="SESSION")
@click.option("--listen", default="127.0.0.1:0", metavar="HOST:PORT", help="Where to listen. [default: any free port]")
@click.option(
    "--speed",
    type=click.Choice(["original", "instant"]),
    default="instant",
    show_default=True,
    help="Answers with the timing that they had, or at once.",
)
@db_option
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.pass_context
def command(ctx: click.Context, /, *, session: str, words: tuple[str, ...], db: Path, **given: str) -> None:
    """Serve a session's recorded answers to a client, in their order: to COMMAND, or until Ctrl-C.

    \b
    recorder replay 5f0c -- claude -p "the same prompt"

    No model call reaches a provider, none is recorded, none costs money. But the client is
    real: tools that the recorded answers call are run by it, in the folder where it is started, with secrets as
    placeholders. A request that differs from the recorded one is told on stderr with the difference, and answered all
    the same; what is not on the record gets an error. The exit code is COMMAND's.
    """
    from recorder.again.player import Player  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.again.tape import load_tape  # noqa: PLC0415
    from recorder.cli.detectors import load_redactor  # noqa: PLC0415
    from recorder.cli.replaying import Watcher  # noqa: PLC0415
    from recorder.cli.start import parse_listen  # noqa: PLC0415
    from recorder.store.database import is_imported, open_reader  # noqa: PLC0415
    from recorder.store.queries import get_session  # noqa: PLC0415

    listen = given["listen"]
    address = parse_listen(listen)
    with open_reader(db) as database:
        tape = load_tape(database, session)
        whole_id = get_session(database, session).id or session
        imported = is_imported(database)
    _check_playable(tape, whole_id)
    note_view(ctx, db, session=whole_id)
    watcher = Watcher(load_redactor(settings(ctx).redact), at_once=not words, imported=imported)
    try:
        player = Player(tape, address, watcher.told, in_time=given["speed"] == "original")
    except OSError as error:
        raise ConfigError(f"--listen {listen}: {error.strerror}; give another port") from None
    say(f"{tape.count} recorded answers of {whole_id} at http://{player.address}")
    with _serving(player):
        code = _run(words, tape.protocols, player.address) if words else _wait()
    watcher.finish(tape.left)
    ctx.exit(code)


def _check_playable(tape: "Tape", session: str) -> None:
    """Raise RecorderError when no answer of a session can be given; say so when some cannot."""
    if not tape.unplayable:
        return
    spoken = " and ".join(sorted(tape.protocols))
    if tape.unplayable == tape.count:
        raise RecorderError(
            f"{session} was spoken in {spoken}, whose streams cannot be replayed: Messages, Bedrock InvokeModel and"
            " Vertex can. `recorder show` shows what was said, `recorder resend ID` sends a request of it again"
        )
    say(f"{tape.unplayable} of {tape.count} answers are streams that cannot be replayed ({spoken}); they are errors")


def _run(words: tuple[str, ...], protocols: set[str], address: str) -> int:
    from recorder.cli.child import NOT_FOUND, find_program, run_child  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.claude_command import parse_claude_command  # noqa: PLC0415
    from recorder.cli.ending import ending_politely  # noqa: PLC0415
    from recorder.cli.recording import client_environment  # noqa: PLC0415
    from recorder.cli.replaying import client_changes  # noqa: PLC0415

    program = find_program(words[0], os.environ.get("PATH"))
    if program is None:
        say(f"{words[0]}: command not found; install it or give its path")
        return NOT_FOUND
    changes = client_changes(protocols, address, os.environ)
    claude = parse_claude_command(words)
    with ending_politely(), tempfile.TemporaryDirectory(prefix="recorder-") as folder:
        command = claude.with_environment(changes, Path.cwd(), Path(folder)) if claude else list(words)
        return run_child(command, program, client_environment(changes))


def _wait() -> int:
    say("stop with Ctrl-C")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    return 0


@contextlib.contextmanager
def _serving(player: "Player") -> Iterator[None]:
    """Answer in a thread of its own: this one belongs to the command and its signals."""
    loop = asyncio.new_event_loop()
    until = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(player.serve(until)), name="replay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(until.set)
        thread.join()
        loop.close()
