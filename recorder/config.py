"""Settings: one TOML file, then environment variables, then what the caller overrides.

The file is the first of: the path given, `$RECORDER_CONFIG`, `recorder.toml` in the working directory, `recorder.toml`
in the platform's configuration folder. A key that is not known is an error that names the nearest known one: a
misspelt safety setting must not be off in silence.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import platformdirs

from recorder.errors import ConfigError

APP = "llm-audit-recorder"
ENVIRONMENT = {
    "RECORDER_DB": "db",
    "RECORDER_ON_FAILURE": "on_failure",
    "RECORDER_PROJECT": "project",
    "RECORDER_USER": "user",
    "RECORDER_TEAM": "team",
    "RECORDER_BRANCH": "branch",
    "RECORDER_LISTEN": "listen",
    "RECORDER_UPSTREAM": "upstream",
    "RECORDER_WAIT_SECONDS": "wait_seconds",
    "RECORDER_PENDING_MB": "pending_mb",
    "RECORDER_FRAME_SECONDS": "frame_seconds",
    "RECORDER_WRITER_MEMORY_MB": "writer_memory_mb",
    "RECORDER_HEARTBEAT_SECONDS": "heartbeat_seconds",
    "RECORDER_RECORD_VIEWS": "record_views",
    "RECORDER_REDACT_KNOWN": "redact_known",
    "RECORDER_REDACT_IMAGES": "redact_images",
    "RECORDER_REDACT_OUTBOUND": "redact_outbound",
}

_TABLE = "redact"
"""The one table among the settings; elsewhere its keys have flat names, `redact_known`."""

OPTIONS = {
    "config": "Path of the recorder's TOML file.",
    "db": "Path of the database that keeps the record.",
    "on_failure": "What happens to traffic that cannot be recorded: `block` or `pass`.",
    "project": "Project that interactions are recorded under.",
    "user": "User that interactions are recorded under.",
    "team": "Team that interactions are recorded under.",
    "branch": "Branch that interactions are recorded under.",
    "wait_seconds": "How long a request may wait for its record before on_failure decides.",
    "pending_mb": "How many megabytes may wait to be written before further requests wait.",
    "model_names": "A gateway's own model names and what they stand for, for prices: `fast=claude-haiku-4-5,...`.",
    "frame_seconds": "How long the writer may work on one request or answer before its content is withheld.",
    "writer_memory_mb": "How many megabytes the writer may take beyond what it has at its start.",
    "heartbeat_seconds": "How long a recorder may have nothing to record before it records that it is there.",
    "redact_known": "Values that are removed wherever they stand: `env:NAME,file:PATH,...`.",
    "redact_images": "Images and documents are kept (`store`) or replaced by hash and size (`hash`).",
    "redact_outbound": "A secret in a request that is about to leave: `off`, `warn` or `block`.",
}
"""The settings that mitmproxy's `--set recorder_NAME=VALUE` takes, with their help."""


def config_dir() -> Path:
    """Return the folder of the configuration file and the keys; it need not exist."""
    return platformdirs.user_config_path(APP)


def cache_dir() -> Path:
    """Return the folder for what can be made again, such as the detectors' compiled rules; it need not exist."""
    return platformdirs.user_cache_path(APP)


def state_dir() -> Path:
    """Return the folder for what the recorder remembers of a database apart from it; it need not exist."""
    return platformdirs.user_state_path(APP)


def default_db() -> Path:
    """Return where the database is unless told otherwise: `records.db` in the platform's data folder."""
    return platformdirs.user_data_path(APP) / "records.db"


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `[[redact.rule]]`: a kind of secret that only the user knows. See `recorder.redact.UserRule`."""

    name: str
    pattern: str
    keywords: tuple[str, ...] = ()


class AllowPattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of `[redact] allow` that is no exact value: `{ pattern = "..." }`."""

    pattern: str


class RedactSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`[redact]`: what is a secret beside what the detectors know, and what is done about it."""

    known: tuple[str, ...] = ()
    """Values that are removed wherever they stand, by reference: `env:NAME` or `file:PATH`."""
    rule: tuple[RuleSettings, ...] = ()
    allow: tuple[str | AllowPattern, ...] = ()
    """What stays although a detector finds it: exact values, or patterns of whole values."""
    images: Literal["store", "hash"] = "store"
    outbound: Literal["off", "warn", "block"] = "off"
    """What happens to a request that would carry a secret out: nothing, a note on its record, or a refusal."""


class RetentionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[retention]`: when the content of interactions is erased; never, unless `days` says so."""

    days: int | None = None
    """How many days it is kept for at least."""
    below_minimum: bool = False
    """Fewer than 183 days are meant: the EU AI Act (Art. 19 and 26(6)) does not bind who records here."""


class AnchorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An `[[anchor]]`: a place that checkpoints are put into. See `docs/anchors.md`."""

    name: str
    type: Literal["file", "git", "timestamp", "command"]
    path: str | None = None
    """Of a file."""
    repository: str | None = None
    """Of a git repository; `branch` gets the commits, `push` names the remote that it is pushed to."""
    branch: str = "audit-checkpoints"
    push: str | None = None
    url: str | None = None
    """Of a time-stamp server; `ca` is the file of the authorities that its signature is checked with."""
    ca: str | None = None
    run: tuple[str, ...] = ()
    """Program and arguments that take a checkpoint on standard input; `read` are those that print what was kept."""
    read: tuple[str, ...] = ()
    every_minutes: float = 60.0
    every_records: int | None = None
    on_stop: bool = True
    timeout_seconds: float = 30.0

    def __post_init__(self) -> None:
        needed = _NEEDED[self.type]
        if not getattr(self, needed):
            raise ValueError(f"anchor {self.name!r}: type {self.type} needs {needed!r}")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise ValueError(f"anchor {self.name!r}: url must begin with https:// or http://")
        for name in ("every_minutes", "every_records", "timeout_seconds"):
            if (value := getattr(self, name)) is not None and value <= 0:
                raise ValueError(f"anchor {self.name!r}: {name} = {value}: it must be more than 0")


_NEEDED = {"file": "path", "git": "repository", "timestamp": "url", "command": "run"}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user decided."""

    db: Path = msgspec.field(default_factory=default_db)
    on_failure: Literal["block", "pass"] = "block"
    """What happens to traffic that cannot be recorded: refused, or let through with a gap on the record."""
    project: str | None = None
    user: str | None = None
    team: str | None = None
    branch: str | None = None
    listen: str = "127.0.0.1:8787"
    listen_names: tuple[str, ...] = ()
    """Names beside those of the loopback that a client may call the recorder by."""
    require_key: bool = False
    """Whether clients on this machine need one of the recorder's keys as well; those on others always do."""
    tls_certificate: Path | None = None
    """The listener's certificate with those up to its authority, PEM."""
    tls_key: Path | None = None
    """Its key, PEM without a passphrase; None: it is in the same file."""
    upstream: str | None = None
    wait_seconds: float = msgspec.field(default=10.0)
    """How long a request may wait for its record before `on_failure` decides."""
    pending_mb: int = 256
    """How many megabytes may wait for the writer before further requests wait in their own hooks."""
    model_names: dict[str, str] = msgspec.field(default_factory=dict)
    """A gateway's own model names and the models that they stand for, for prices."""
    redact: RedactSettings = RedactSettings()
    retention: RetentionSettings = RetentionSettings()
    frame_seconds: float = 10.0
    """How long the writer may work on one request or answer, plus a second for each 2 MB of it."""
    writer_memory_mb: int = 4096
    """How much memory the writer may take beyond what it has at its start (Linux)."""
    heartbeat_seconds: float = 300.0
    """How long a recorder may have nothing to record before it records that it is there."""
    anchor: tuple[AnchorSettings, ...] = ()
    """Where checkpoints are put, apart from the database."""
    record_views: bool = False
    """Whether it is recorded who looked at recorded content."""

    def __post_init__(self) -> None:
        for name in ("wait_seconds", "pending_mb", "frame_seconds", "writer_memory_mb", "heartbeat_seconds"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} = {getattr(self, name)}: it must be more than 0")
        names = [anchor.name for anchor in self.anchor]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two anchors are called {twice!r}; give each its own name")


def load(
    config: Path | None = None,
    env: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings in force; an override of None means "not given".

    Raises ConfigError for a file that is named but cannot be read, an unknown key, or a value of the wrong kind.
    """
    env = os.environ if env is None else env
    path = find_file(config, env)
    values: dict[str, Any] = _without_policy(_read_file(path)) if path else {}
    check_names(values, known=Settings.__struct_fields__, where=str(path))
    _check_redact(values.get("redact"), where=f"{path}: redact")
    _check_anchors(values.get("anchor"), where=f"{path}: anchor")
    values |= {key: env[name] for name, key in ENVIRONMENT.items() if env.get(name)}
    values |= {key: value for key, value in (overrides or {}).items() if value is not None}
    values = _nested(values)
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path or 'settings'}: {error}") from None


def split_name(name: str) -> tuple[str, ...]:
    """Return where a flat name (`redact_images`) stands among the settings: (`redact`, `images`)."""
    table, _, key = name.partition("_")
    return (table, key) if table == _TABLE and key else (name,)


def parse_list(text: str) -> tuple[str, ...]:
    """Return `a,b` as its items."""
    return tuple(item for part in text.split(",") if (item := part.strip()))


def declare_options(add_option: Callable[[str, Any, Any, str], None]) -> None:
    """Give each of `OPTIONS` to mitmproxy's `Loader.add_option`; several addons may, in the same words."""
    text: Any = str | None
    for name, help_text in OPTIONS.items():
        add_option(f"recorder_{name}", text, None, help_text)


def given_options(options: object) -> dict[str, str | None]:
    """Return the values of `OPTIONS` in mitmproxy's options, for `load_options`; None for what was not given."""
    return {name: getattr(options, f"recorder_{name}") for name in OPTIONS}


def load_options(options: Mapping[str, str | None]) -> Settings:
    """Return the settings in force with those of `OPTIONS` that were given. Raises ConfigError as `load` does."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    config = given.pop("config", None)
    if "model_names" in given:
        given["model_names"] = parse_pairs(given["model_names"])
    return load(Path(config) if config else None, overrides=given)


def parse_pairs(text: str) -> dict[str, str]:
    """Return `a=b,c=d` as a mapping. Raises ConfigError for a pair without `=`."""
    pairs = [pair.strip().partition("=") for pair in text.split(",") if pair.strip()]
    if wrong := next((name for name, equals, value in pairs if not (name and equals and value)), None):
        raise ConfigError(f"model_names: {wrong!r} is not ALIAS=MODEL")
    return {name.strip(): value.strip() for name, _, value in pairs}


def check_names(names: Iterable[str], *, known: tuple[str, ...], where: str) -> None:
    """Raise ConfigError for the first name that is not known, with the nearest one that is."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise ConfigError(f"{where}: unknown setting {name!r}; {hint}")


def _check_redact(table: Any, *, where: str) -> None:
    if not isinstance(table, dict):
        return  # absent, or of the wrong kind, which the conversion says
    check_names(table, known=RedactSettings.__struct_fields__, where=where)
    rules = table.get("rule")
    for rule in (one for one in (rules if isinstance(rules, list) else ()) if isinstance(one, dict)):
        named = f"{where}: rule {rule.get('name', 'without a name')!r}"
        check_names(rule, known=RuleSettings.__struct_fields__, where=named)


def _check_anchors(tables: Any, *, where: str) -> None:
    for table in (one for one in (tables if isinstance(tables, list) else ()) if isinstance(one, dict)):
        check_names(table, known=AnchorSettings.__struct_fields__, where=f"{where} {table.get('name', '')!r}")


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Put what has a flat name (`redact_known`) where it belongs; texts of `known` become lists."""
    nested = {name: value for name, value in values.items() if len(split_name(name)) == 1}
    for name, value in values.items():
        if len(path := split_name(name)) > 1 and isinstance(nested.get(path[0], {}), dict):
            given = parse_list(value) if path[1] == "known" and isinstance(value, str) else value
            nested[path[0]] = nested.get(path[0], {}) | {path[1]: given}
    return nested


def _decode(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser().absolute()
    raise ValueError(f"expected {kind.__name__}")


def find_file(config: Path | None, env: Mapping[str, str] | None = None) -> Path | None:
    """Return the configuration file in force: the one given, `$RECORDER_CONFIG`, or the first that is there."""
    env = os.environ if env is None else env
    if config or env.get("RECORDER_CONFIG"):
        return config or Path(env["RECORDER_CONFIG"])
    candidates = (Path("recorder.toml"), config_dir() / "recorder.toml")
    return next((path for path in candidates if path.is_file()), None)


def _without_policy(values: dict[str, Any]) -> dict[str, Any]:
    # `[upstream.NAME]`, `[[route]]`, `[labels]`, `[[budget]]` and `[[rate]]` are checked where they are used:
    # recorder.routing, recorder.limits.
    return {
        name: value
        for name, value in values.items()
        if name not in ("route", "labels", "budget", "rate") and not (name == "upstream" and isinstance(value, dict))
    }


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; name a readable file with --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
