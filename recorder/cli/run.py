"""`recorder run`: one command with its model calls recorded, and nothing else different about it."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click
import msgspec

from recorder.cli.child import NOT_FOUND, find_program, run_child
from recorder.cli.claude_command import ClaudeCommand, parse_claude_command
from recorder.cli.claude_settings import ClaudeSettings, read_settings
from recorder.cli.ending import ending_politely
from recorder.cli.mode import Mode
from recorder.cli.options import db_option, say, settings
from recorder.cli.project import branch_name, project_name
from recorder.cli.providers import PROVIDERS
from recorder.cli.proxy_process import ProxyProcess
from recorder.cli.recording import Plan, client_environment, label, make_plan, recording
from recorder.cli.trust import client_authorities
from recorder.cli.wiring import find_pinned
from recorder.config import Settings
from recorder.errors import ConfigError, RecorderError


@click.command(context_settings={"allow_interspersed_args": False})
@db_option
@click.option("--upstream", metavar="URL", help="Base URL of what the client talks to. [default: as it is set up now]")
@click.option(
    "--mode",
    type=click.Choice(["reverse", "proxy"]),
    help="reverse: base URLs point at the recorder; proxy: HTTPS_PROXY does. [default: reverse where it works]",
)
@click.option("--project", metavar="NAME", help="Record under this project. [default: the git work tree's name]")
@click.option("--on-failure", type=click.Choice(["block", "pass"]), help="What happens when recording fails.")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND...")
@click.pass_context
def command(ctx: click.Context, /, mode: Mode | None, words: tuple[str, ...], **flags: Any) -> None:
    """Run a command with its model calls recorded.

    \b
    recorder run -- claude
    recorder run --upstream https://litellm.example:4000 -- claude -p "hello"

    Whatever gateway or provider the environment or Claude Code's settings name stays the upstream. --upstream names
    another one, for Anthropic and for each provider that CLAUDE_CODE_USE_... selects; if it has no path, the path of
    such a provider's own base URL is kept. The exit code is the command's: 128 + n when signal n ended it, 127 when
    there is no such command, 126 when it cannot be started.
    """
    program = find_program(words[0], os.environ.get("PATH"))
    if program is None:
        say(f"{words[0]}: command not found; install it or give its path")
        ctx.exit(NOT_FOUND)
    cwd = Path.cwd()
    chosen = settings(ctx, **flags | {"db": flags["db"].resolve()})
    runner = _Runner(words, program, label(chosen, project_name(cwd), branch_name(cwd)), cwd)
    ctx.exit(runner.run(mode, ctx.find_object(Path)))


class _Runner:
    """One command under the recorder."""

    def __init__(self, words: tuple[str, ...], program: str, chosen: Settings, cwd: Path) -> None:
        self._words = words
        self._program = program
        self._settings = chosen
        self._cwd = cwd
        self._claude = parse_claude_command(words)
        self._files = self._read_settings()

    def run(self, mode: Mode | None, config: Path | None) -> int:
        """Record and run; return the command's exit code."""
        plan = self._plan(mode, config)
        for notice in plan.notices:
            say(notice)
        before = _last_record(self._settings.db)
        with ending_politely(), tempfile.TemporaryDirectory(prefix="recorder-") as name:
            folder = Path(name)
            with recording(plan, self._settings, folder, config=config) as proxy:
                changes = self._changes(plan, proxy, folder)
                words = self._claude.with_environment(changes, self._cwd, folder) if self._claude else self._words
                code = run_child(words, self._program, client_environment(changes))
                ended = proxy.poll()
        _report(proxy, ended, self._settings.db, before)
        return code

    def _read_settings(self) -> ClaudeSettings:
        claude = self._claude or ClaudeCommand((), ())
        return read_settings(os.environ, self._cwd, flag=claude.settings, allowed=claude.sources)

    def _plan(self, mode: Mode | None, config: Path | None) -> Plan:
        if self._claude:
            return make_plan(mode, self._settings, self._files, os.environ, config)
        # Another program does not read Claude Code's settings; a script that starts it cannot be given --settings.
        plan = make_plan(mode, self._settings, ClaudeSettings(()), os.environ, config)
        return msgspec.structs.replace(plan, notices=(*plan.notices, *_warnings(self._files)))

    def _changes(self, plan: Plan, proxy: ProxyProcess, folder: Path) -> dict[str, str]:
        ca = client_authorities(Path(proxy.ready.ca), plan.env, folder)
        changes = plan.wiring.environment(proxy.addresses, plan.env, ca)
        if self._claude and (pinned := find_pinned(changes, self._files.managed())):
            names = ", ".join(pinned)
            raise ConfigError(
                f"managed policy sets {names} to another value: it bypasses the recorder; ask who sets it"
            )
        return changes


def _warnings(files: ClaudeSettings) -> list[str]:
    """Name the settings that a Claude Code started by an unknown command would obey instead of us."""
    names = (name for setup in PROVIDERS for name in (setup.variable, setup.select) if name)
    return [
        f"{origin} sets {name}; if this command starts Claude Code, that bypasses the recorder"
        for name in names
        if (origin := files.origin(name))
    ]


def _last_record(db: Path) -> int:
    from recorder.cli.summary import last_record  # noqa: PLC0415 — keeps SQLite out of the start of `run --help`

    return last_record(db)


def _report(proxy: ProxyProcess, ended: int | None, db: Path, before: int) -> None:
    """Say what was recorded, and what went wrong; nothing of it changes the command's exit code."""
    from recorder.cli.summary import describe_run, interactions_of_run  # noqa: PLC0415 — as above

    for line in proxy.complaints:
        click.echo(line, err=True)
    if ended is not None:
        say(f"the proxy ended before the command did (exit code {ended}); what came after is not recorded")
    try:
        say(describe_run(interactions_of_run(db, proxy.ready.run_id, before), db))
    except RecorderError as error:
        say(f"no summary: {error}")
