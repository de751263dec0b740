"""`recorder doctor`: is this installation right, and would a client that is started here be recorded?"""

import os
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from recorder.cli import auth_checks, checks, limit_checks
from recorder.cli.checks import Check, Verdict
from recorder.cli.claude_settings import read_settings
from recorder.cli.options import db_option, json_option, settings
from recorder.cli.printing import print_json
from recorder.cli.selftest import run_selftest
from recorder.config import config_dir, find_file
from recorder.errors import RecorderError

_COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "red"}


@click.command()
@db_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, db: Path, *, as_json: bool) -> None:
    """Check this installation, how a client started here is connected, and that recording works.

    The self-test sends one request through a recorder to a synthetic provider: no network, a database of its own.
    Exit code 1 when something is wrong.
    """
    found: list[Check] = []
    for check in _all(ctx, db.resolve()):
        found.append(check)
        if not as_json:
            _print(check)
    if as_json:
        print_json([msgspec.to_builtins(check) for check in found])
    ctx.exit(1 if any(check.verdict is Verdict.WRONG for check in found) else 0)


def selftest() -> Check:
    """Run the self-test as a check."""
    try:
        return Check("self-test", Verdict.OK, run_selftest())
    except (RecorderError, OSError, TimeoutError) as error:
        remedy = "mend what is wrong above; if nothing is, report this"
        return Check("self-test", Verdict.WRONG, str(error) or type(error).__name__, remedy)


def _all(ctx: click.Context, db: Path) -> Iterable[Check]:
    yield from checks.installation()
    yield from checks.database(db)
    yield checks.redaction_key(config_dir())
    yield checks.signing_key(config_dir())
    chosen = settings(ctx)
    yield checks.redaction(chosen.redact)
    file = find_file(ctx.find_object(Path))
    yield from auth_checks.credentials(file)
    yield from limit_checks.limits(file, chosen, config_dir())
    yield from checks.anchors(chosen.anchor, db)
    yield from checks.connection(chosen, read_settings(os.environ, Path.cwd()), os.environ)
    yield selftest()


def _print(check: Check) -> None:
    verdict = click.style(f"{check.verdict:<8}", fg=_COLOURS[check.verdict]) if _colour() else f"{check.verdict:<8}"
    click.echo(f"{verdict}{check.name}: {check.found}")
    if check.remedy:
        click.echo(f"        → {check.remedy}")


def _colour() -> bool:
    # click leaves colours out of a pipe by itself; it does not know NO_COLOR.
    return not os.environ.get("NO_COLOR")
