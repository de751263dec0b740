"""`recorder route`: what the routing rules are, what they would do with a request, and the switch by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.options import db_option, json_option, settings
from recorder.cli.set_aside import aside_json, aside_text
from recorder.errors import ConfigError

if TYPE_CHECKING:
    from recorder.policy.policy import Policy
    from recorder.policy.rule import Rule, When
    from recorder.policy.upstream import Upstream


@click.group()
def command() -> None:
    """Look at the routing rules of recorder.toml, try them, switch by hand."""


@command.command("list")
@db_option
@json_option
@click.pass_context
def list_(ctx: click.Context, /, *, db: Path, as_json: bool) -> None:
    """List upstreams, rules, and what is set aside now; secrets are shown as where they are kept."""
    from recorder.routing.health import read_health  # noqa: PLC0415 -- start-up time of `--help`

    policy, aside = _policy(ctx, db), read_health(db)
    if as_json:
        from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`

        printing.print_json(_as_json(policy) | {"set_aside": [aside_json(seen) for seen in aside]})
        return
    for line in _lines(policy):
        click.echo(line)
    for seen in aside:
        click.echo(f"set aside: {aside_text(seen)}")


@command.command("test")
@click.option("--method", default="POST", show_default=True)
@click.option("--path", default="/v1/messages", show_default=True, help="As the client sends it, with query.")
@click.option("--model", help="The model that is asked for, where the path does not name it.")
@click.option("--stream", is_flag=True, help="As if the answer was wanted as a stream.")
@click.option(
    "--body", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A request's body, in place of both."
)
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="May be given more than once.")
@click.option("--user", help="As if the recorder was started for this user.")
@click.option("--team", help="As if it was started for this team.")
@click.option("--project", help="As if it was started for this project.")
@click.option("--key", help="As if it came with the recorder's key that has this id.")
@click.option("--session", help="Id of the session.")
@click.option("--agent", help="Id of a subagent; left out: the main thread.")
@click.option("--request-class", help="As the client calls it: main, subagent, compaction, ...")
@db_option
@json_option
@click.pass_context
def test(ctx: click.Context, /, *, db: Path, as_json: bool, **given: Any) -> None:
    """Say what would become of a request; nothing is sent.

    Exit code 0 when a rule fires, 1 when none does or the request would be refused, 2 for a wrong configuration.
    """
    from recorder.cli.dry_run import dry_run  # noqa: PLC0415 -- start-up time of `--help`

    result = dry_run(_policy(ctx, db), _labels(ctx, given), given)
    if as_json:
        from recorder.cli import printing  # noqa: PLC0415

        printing.print_json(result.as_json())
    else:
        for line in result.lines():
            click.echo(line)
    ctx.exit(0 if result.is_sent else 1)


@command.command()
@click.argument("name", required=False)
@click.option("--default", "is_default", is_flag=True, help="Take the switch back: the rules decide again.")
@db_option
@click.pass_context
def use(ctx: click.Context, /, *, name: str | None, is_default: bool, db: Path) -> None:
    """Send what comes from now on to an upstream, ahead of all rules, without a restart.

    Recorders on the same database that were started with a routing configuration see it within a second or two, and
    record it. Requests whose protocol the upstream does not speak go by the rules; what is under way stays where it is.
    """
    from recorder.policy.tables import nearest  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.routing.switch import switch_path, write_switch  # noqa: PLC0415

    if (name is None) is not is_default:
        raise ConfigError("give the name of an upstream, or --default")
    if name is not None:
        upstreams = _policy(ctx, db, ignore_switch=True).upstreams
        if name not in upstreams:
            raise ConfigError(f"there is no [upstream.{name}]; {nearest(name, upstreams)}")
    write_switch(switch_path(db), name)
    click.echo(f"in use: {name or 'what the rules say'}")


def _policy(ctx: click.Context, db: Path, *, ignore_switch: bool = False) -> "Policy":
    from recorder.config import find_file  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.routing.policy_file import read_policy  # noqa: PLC0415

    return read_policy(find_file(ctx.find_object(Path)), None if ignore_switch else db)


def _labels(ctx: click.Context, given: dict[str, Any]) -> dict[str, str | None]:
    found = settings(ctx, **{name: given[name] for name in ("user", "team", "project")})
    return {"user": found.user, "team": found.team, "project": found.project, "key": given["key"]}


def _lines(policy: "Policy") -> Iterator[str]:
    if not policy.upstreams:
        yield "no [upstream.NAME] in recorder.toml: requests go where they would go without the recorder"
        return
    yield "upstreams"
    for upstream in policy.upstreams.values():
        yield f"  {upstream.name}: {' '.join(_upstream_words(upstream))}"
    yield "rules, of which the first that fits fires"
    for number, rule in enumerate(policy.rules, 1):
        yield f"  {number}. {rule.name}: {' '.join(_rule_words(rule))}"
    yield "  else: where it would go without the recorder"
    yield f"in use: {policy.use or 'what the rules say'}"


def _upstream_words(upstream: "Upstream") -> Iterator[str]:
    yield upstream.url
    if upstream.protocol:
        yield f"({upstream.protocol})"
    if upstream.auth:
        yield f"auth={upstream.auth}{f' → {", ".join(upstream.auth.headers)}' if upstream.auth.headers else ''}"
    for name, value in upstream.headers:
        yield f"{name}={'(taken out)' if value is None else value}"
    yield from (f"{pattern}→{name}" for pattern, name in upstream.model)


def _rule_words(rule: "Rule") -> Iterator[str]:
    yield from (f"{name}={value}" for name, value in _conditions(rule.when).items())
    yield f"→ {_targets(rule)}"
    yield from (f"{pattern}→{name}" for pattern, name in rule.model)


def _targets(rule: "Rule") -> str:
    if len(rule.to) == 1:
        return rule.to[0]
    weighted = len(set(rule.weights)) > 1
    names = (f"{name} ({weight:g})" if weighted else name for name, weight in zip(rule.to, rule.weights, strict=True))
    return f"{' | '.join(names)}, by {rule.balance}"


def _conditions(when: "When") -> dict[str, str]:
    import msgspec  # noqa: PLC0415 -- start-up time of `--help`

    found = {name: value for name, value in msgspec.structs.asdict(when).items() if value and name != "header"}
    found |= {f"header {name}": patterns for name, patterns in when.header}
    return {name: value if isinstance(value, str) else "|".join(value) for name, value in found.items()}


def _as_json(policy: "Policy") -> dict[str, Any]:
    return {
        "upstreams": [
            {
                "name": upstream.name,
                "url": upstream.url,
                "protocol": upstream.protocol,
                "auth": upstream.auth and {"from": str(upstream.auth), "headers": upstream.auth.headers},
                "headers": {name: value and str(value) for name, value in upstream.headers},
                "model": dict(upstream.model),
            }
            for upstream in policy.upstreams.values()
        ],
        "rules": [
            {
                "name": rule.name,
                "when": _conditions(rule.when),
                "to": dict(zip(rule.to, rule.weights, strict=True)),
                "balance": rule.balance,
                "model": dict(rule.model),
            }
            for rule in policy.rules
        ],
        "use": policy.use,
        "policy": policy.digest,
    }
