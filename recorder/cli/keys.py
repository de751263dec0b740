"""`recorder keys`: keys that clients use the recorder with. Not to be confused with `recorder key`, its own ones."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.options import db_option, json_option, say, settings
from recorder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from recorder.access.keys import AccessKey

_SPAN = re.compile(r"(\d{1,5})([hdw])")
_BUDGET = "What may be spent with it: 50/month (USD), 2000000 tokens/day, 100 requests/24 hours; 50: ever."
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@click.group()
def command() -> None:
    """Make, list and revoke keys that clients use the recorder with.

    A listener that other machines reach asks for one. Clients send it as they would a provider's: ANTHROPIC_AUTH_TOKEN,
    ANTHROPIC_API_KEY, or the header x-recorder-key. User, team and project of a key are those of the record, whatever
    the request says. It is never forwarded.
    """


@command.command()
@click.option("--user", required=True, metavar="NAME", help="Whose it is.")
@click.option("--project", required=True, metavar="NAME", help="What it is for.")
@click.option("--team", metavar="NAME")
@click.option("--expires", metavar="WHEN", help="After 12h, 30d, 8w, or at a date: 2027-01-31, 2027-01-31T12:00Z.")
@click.option("--budget", metavar="AMOUNT[/WINDOW]", help=_BUDGET)
@db_option
@json_option
def create(*, db: Path, as_json: bool, expires: str | None, **labels: Any) -> None:
    """Make a key, and print it: this once, and to nobody else. Kept is its hash."""
    from recorder.access.keys import create_key, utc  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli import printing  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415

    now = datetime.now(UTC)
    expires_utc = utc(_parse_expires(expires, now)) if expires else None
    key, text = create_key(config_dir(), expires_utc=expires_utc, **labels)
    _note(db, now, {"event": "access key made", **_shown(key, now)})
    if as_json:
        printing.print_json({"key": text, **_shown(key, now)})
    else:
        click.echo(text)
        say(f"key {key.id} for {key.user}, {key.project}; it is not shown again")


@command.command("list")
@db_option
@json_option
@click.pass_context
def list_(ctx: click.Context, /, *, db: Path, as_json: bool) -> None:
    """List the keys by name, with what was spent of their budgets; keys themselves are known to their holders alone."""
    from recorder.access.keys import read_keys  # noqa: PLC0415
    from recorder.cli import printing  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415
    from recorder.view.columns import tab_lines  # noqa: PLC0415

    now = datetime.now(UTC)
    keys = read_keys(config_dir())
    spent = _spent(db, keys, settings(ctx).model_names)
    rows = [_shown(key, now) | {"spent": spent.get(key.id)} for key in keys]
    if as_json:
        printing.print_json(rows)
    elif rows:
        for line in tab_lines(tuple(rows[0]), [list(row.values()) for row in rows]):
            click.echo(line)
    else:
        say("no key was made yet; recorder keys create --user NAME --project NAME")


@command.command()
@click.argument("name", metavar="ID")
@db_option
def revoke(*, name: str, db: Path) -> None:
    """Revoke a key by its id, of which a beginning is enough; recorders that run refuse it from the next request on."""
    from recorder.access.keys import revoke_key  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415

    now = datetime.now(UTC)
    key = revoke_key(config_dir(), name)
    _note(db, now, {"event": "access key revoked", **_shown(key, now)})
    click.echo(f"revoked {key.id} of {key.user}, {key.project}")


@command.command()
@click.argument("name", metavar="ID")
@click.argument("amount", metavar="AMOUNT[/WINDOW]", required=False)
@click.option("--none", "is_none", is_flag=True, help="Take its budget away.")
@db_option
def budget(*, name: str, amount: str | None, is_none: bool, db: Path) -> None:
    """Give a key another budget, or none; in force from the next request on. What was spent with it before counts."""
    from recorder.access.keys import set_budget  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415

    if (amount is None) is not is_none:
        raise ConfigError("give an amount, or --none")
    now = datetime.now(UTC)
    key = set_budget(config_dir(), name, amount)
    _note(db, now, {"event": "access key's budget changed", **_shown(key, now)})
    click.echo(f"budget of {key.id} of {key.user}, {key.project}: {key.budget or 'none'}")


def _parse_expires(text: str, now: datetime) -> datetime:
    if match := _SPAN.fullmatch(text.strip()):
        return now + int(match[1]) * _UNITS[match[2]]
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(f"--expires {text}: give 12h, 30d, 8w, or a date as 2027-01-31") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if at <= now:
        raise ConfigError(f"--expires {text}: is over already")
    return at


def _shown(key: "AccessKey", now: datetime) -> dict[str, Any]:
    from recorder.access.keys import utc  # noqa: PLC0415

    return {
        "id": key.id,
        "user": key.user,
        "team": key.team,
        "project": key.project,
        "created_utc": key.created_utc,
        "expires_utc": key.expires_utc,
        "state": key.state(utc(now)),
        "budget": key.budget,
    }


def _spent(db: Path, keys: "Sequence[AccessKey]", names: "Mapping[str, str]") -> dict[str, str]:
    """Return what was spent of the keys' budgets, exact decimals by ids; nothing where nothing is recorded."""
    # A budget for each session has no one sum; `recorder budget` shows them.
    budgets = {key.id: limit for key in keys if (limit := key.limit) and not limit.scope.each}
    if not budgets or not db.exists():
        return {}
    from recorder.limits.overview import read_standings  # noqa: PLC0415 -- loads SQLite
    from recorder.policy.limits import Limits  # noqa: PLC0415

    standings = read_standings(db, Limits(budgets=tuple(budgets.values())), names)
    return {id_: format(standing.spent, "f") for id_, standing in zip(budgets, standings, strict=True)}


def _note(db: Path, at: datetime, body: dict[str, Any]) -> None:
    """Put it on the record, where there is one."""
    from recorder.capture.noting import note  # noqa: PLC0415 -- loads SQLite
    from recorder.config import config_dir  # noqa: PLC0415
    from recorder.ledger.kinds import RecordKind  # noqa: PLC0415

    if reason := note(db, RecordKind.KEY, body, at, config_dir()):
        say(f"this stands in no record: {reason}")
