"""The policy in force: read from the configuration file and the switch, checked whole, with errors that name a line."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from recorder.credentials.source import check_auth
from recorder.errors import ConfigError
from recorder.policy.lines import line_of
from recorder.policy.policy import TABLES, Policy, parse_policy
from recorder.policy.tables import PolicyError
from recorder.routing.references import Headers, check_files, files_of, resolve_headers
from recorder.routing.switch import read_switch, switch_path


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that is right in every part, with what it refers to."""

    policy: Policy = Policy()
    headers: dict[str, Headers] = {}
    """The headers of each upstream, secrets resolved: for memory only."""
    watched: tuple[Path, ...] = ()
    """The files that it was made from; they need not exist."""


def load_policy(config: Path | None, db: Path, use: str | None = None) -> Loaded:
    """Return the policy of a configuration file (None: there is none) with the switch beside `db`, or with `use`.

    Raises ConfigError with file, line and reason for whatever is wrong; nothing is half in force then.
    """
    policy = read_policy(config, db, use)
    needed = _needed(policy)
    for name in needed:
        check_files(policy.upstreams[name])
        check_auth(policy.upstreams[name])
    return Loaded(
        policy=policy,
        headers={name: resolve_headers(policy.upstreams[name]) for name in needed},
        watched=watched(config, db, policy),
    )


def read_policy(config: Path | None, db: Path | None, use: str | None = None) -> Policy:
    """Return the policy without looking at what it refers to. Raises ConfigError.

    `use`: the upstream that comes before all rules, in place of the switch; `db` None: without the switch.
    """
    text = _read(config) if config else ""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{config}: {error}") from None
    return _parse(policy_tables(values), text, config, use or (read_switch(switch_path(db)) if db else None))


def watched(config: Path | None, db: Path, policy: Policy) -> tuple[Path, ...]:
    """Return the files whose change may change the policy."""
    referred = (path for upstream in policy.upstreams.values() for path in files_of(upstream))
    return (*([config] if config else []), switch_path(db), *referred)


def policy_tables(values: dict[str, Any]) -> dict[str, Any]:
    """Return what of a configuration file makes a policy; `upstream = "URL"` is another setting of the same name."""
    found = {name: values[name] for name in TABLES if name in values}
    if isinstance(found.get("upstream"), str):
        del found["upstream"]
    return found


def has_policy(config: Path | None) -> bool:
    """Say whether a configuration file has anything about routing in it. Raises ConfigError for an unreadable one."""
    if config is None:
        return False
    try:
        return bool(policy_tables(tomllib.loads(_read(config))))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{config}: {error}") from None


def _parse(tables: dict[str, Any], text: str, config: Path | None, use: str | None) -> Policy:
    try:
        return parse_policy(tables, use)
    except PolicyError as error:
        line = line_of(text, error.place)
        where = f"{config}:{line}" if line else str(config)
        raise ConfigError(f"{where}: {error}") from None


def _needed(policy: Policy) -> list[str]:
    # An upstream that only `recorder route use` could choose need not have its secrets there yet.
    return list(
        dict.fromkeys([*(name for rule in policy.rules for name in rule.to), *([policy.use] if policy.use else [])])
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a readable file with --config") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
