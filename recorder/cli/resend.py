"""`recorder resend`: a recorded request sent again, its two answers side by side."""

import os
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import click

from recorder.cli.options import db_option, json_option, say, settings
from recorder.errors import ConfigError, RecorderError

if TYPE_CHECKING:
    from recorder.again.request import Request
    from recorder.policy.policy import Policy
    from recorder.store.results import InteractionRow


class _Sending(NamedTuple):
    """What is sent: a request, in the place of the interaction `row`, to an upstream (None: as the rules say)."""

    request: "Request"
    headers: tuple[tuple[str, str], ...]
    row: "InteractionRow"
    to: str | None


@click.command()
@click.argument("interaction", metavar="ID")
@click.option(
    "--to", metavar="UPSTREAM", help="An upstream of recorder.toml. [default: as the rules say, else as before]"
)
@click.option("--model", metavar="MODEL", help="Ask for another model.")
@click.option("--yes", is_flag=True, help="Spend the money without asking.")
@click.option("--all", "whole", is_flag=True, help="Fold nothing.")
@db_option
@json_option
@click.pass_context
def command(  # noqa: PLR0913 -- a flag each
    ctx: click.Context,
    /,
    *,
    interaction: str,
    to: str | None,
    model: str | None,
    yes: bool,
    whole: bool,
    db: Path,
    as_json: bool,
) -> None:
    """Send a recorded request again and show both answers: text, tool calls, tokens, cost, time.

    It goes through a recorder of its own, so rules, credentials and budgets of recorder.toml apply, and it is recorded,
    as a session of its own by the client recorder-resend. Credentials that the recorder does not bring come from the
    environment (ANTHROPIC_API_KEY, ...). What was redacted goes as its placeholder. Tools are not run.
    """
    from recorder.again import resend  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.again.request import load_request  # noqa: PLC0415
    from recorder.cli.chosen import confirm  # noqa: PLC0415
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    with open_reader(db) as database:
        row = queries.get_interaction(database, interaction)
        request = load_request(database, row.id)
    if model:
        request = resend.with_model(request, model)
    session = str(uuid.uuid4())
    signs_in, where = _way(ctx, db, request, to)
    headers = resend.headers_for(request, session, os.environ, signs_in=signs_in)
    _warn(request)
    if not yes:
        confirm(f"Send it to {where}? It may cost {_estimate(request, row)}.")
    _send(ctx, db, _Sending(request, headers, row, to))
    _show(db, row.id, session, whole=whole, as_json=as_json)


def _way(ctx: click.Context, db: Path, request: "Request", to: str | None) -> tuple[bool, str]:
    """Return whether the recorder signs in where the request will go, and what that place is called."""
    from recorder.config import find_file  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.policy.tables import nearest  # noqa: PLC0415
    from recorder.routing.policy_file import has_policy, read_policy  # noqa: PLC0415

    file = find_file(ctx.find_object(Path))
    policy = read_policy(file, None) if to and has_policy(file) else None
    if to and (policy is None or to not in policy.upstreams):
        known = nearest(to, policy.upstreams) if policy else "the configuration has no upstreams"
        raise ConfigError(f"--to {to}: there is no [upstream.{to}]; {known}")
    if has_policy(file):
        return _routed(read_policy(file, db, to), request, to)
    return False, urlsplit(request.url).netloc


def _routed(policy: "Policy", request: "Request", to: str | None) -> tuple[bool, str]:
    from recorder.model import Labels  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.policy.asked import ask  # noqa: PLC0415
    from recorder.policy.policy import USE, decide, decision  # noqa: PLC0415
    from recorder.policy.rule import Rule, When  # noqa: PLC0415

    parts = urlsplit(request.url)
    plain = tuple((name, value) for name, value in request.headers if isinstance(value, str))
    asked = ask(request.method, f"{parts.path}?{parts.query}".rstrip("?"), plain, request.body, Labels())
    if to:  # where the rules would take it instead is not what was asked for
        found = decision(Rule(name=USE, when=When(), to=(to,)), policy.upstreams[to], asked)
        if found.refusal:
            raise ConfigError(f"--to {to}: {found.refusal.removeprefix(USE)}")
        return found.upstream.auth is not None, to
    decided = decide(policy, asked)
    return (decided.upstream.auth is not None, decided.upstream.name) if decided else (False, parts.netloc)


def _warn(request: "Request") -> None:
    for note in request.notes:
        say(note)
    for mark in request.placeholders:
        say(f"the body has {mark} in the place of a secret; it is sent like that")


def _estimate(request: "Request", row: "InteractionRow") -> str:
    """Say what it will cost as far as its size tells, with nothing cached."""
    from recorder.limits.request import Incoming, read_request  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.model import Labels, Provider  # noqa: PLC0415
    from recorder.policy.estimate import Learned  # noqa: PLC0415
    from recorder.view.figures import cost  # noqa: PLC0415

    provider = Provider(row.provider)
    now_us = int(time.time() * 1e6)
    incoming = Incoming(
        id="", at_us=now_us, headers=(), body=request.body, labels=Labels(), path_model=row.model, provider=provider
    )
    found = Learned().estimate(read_request(incoming, provider).asking, {})
    if found.expected.usd is None:
        return "money: its model has no known price"
    return f"about {cost(found.expected.usd)}, {cost(found.most.usd)} at most"


def _send(ctx: click.Context, db: Path, sending: _Sending) -> None:
    from recorder.again import resend  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.ending import ending_politely  # noqa: PLC0415
    from recorder.cli.providers import MESSAGES  # noqa: PLC0415
    from recorder.cli.recording import Plan, recording  # noqa: PLC0415
    from recorder.cli.upstreams import Upstream, origin  # noqa: PLC0415
    from recorder.cli.wiring import wire  # noqa: PLC0415
    from recorder.config import find_file  # noqa: PLC0415
    from recorder.limits.limits_file import has_limits  # noqa: PLC0415
    from recorder.routing.policy_file import has_policy, read_policy  # noqa: PLC0415

    config = ctx.find_object(Path)
    file = find_file(config)
    is_routed = has_policy(file)
    routed = [one.url for one in read_policy(file, db, sending.to).upstreams.values()] if is_routed else []
    target = Upstream(setup=MESSAGES, urls=(origin(sending.request.url),), selected=True, redirected=True)
    env = dict(os.environ)
    plan = Plan(
        wiring=wire("reverse", (target,), env, routed),
        env=env,
        is_routed=is_routed,
        use=sending.to,
        is_limited=has_limits(file),
    )
    row = sending.row
    chosen = settings(ctx, db=db.resolve(), project=row.project, user=row.user, team=row.team)
    with ending_politely(), tempfile.TemporaryDirectory(prefix="recorder-") as folder:
        with recording(plan, chosen, Path(folder), config=config) as proxy:
            resend.send(proxy.ready.listening[0].address, sending.request, sending.headers)
        for line in proxy.complaints:
            click.echo(line, err=True)


def _show(db: Path, before: str, session: str, *, whole: bool, as_json: bool) -> None:
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.queries import list_interactions  # noqa: PLC0415
    from recorder.view.conversation import load_conversation  # noqa: PLC0415
    from recorder.view.resent import resent_json, side_by_side  # noqa: PLC0415

    with open_reader(db) as database:
        rows = list_interactions(database, session=session)
        if not rows:
            raise RecorderError("what was sent is not on the record; `recorder gaps` tells why")
        if as_json:
            printing.print_json(resent_json(database, before, rows[0].id))
            return
        both = [load_conversation(database, one) for one in (before, rows[0].id)]
    printing.print_layout(side_by_side(*both, whole=whole))
    say(f"recorded as {rows[0].id}")
