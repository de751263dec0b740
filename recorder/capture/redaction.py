"""From `[redact]` of the configuration to a redactor: for the writer, and for the commands that use the same detectors.

What cannot be used is refused before anything listens: `configured` looks at all of it, and reads the values that
`known` names, which live in memory only from then on.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from recorder.capture.compiled import CompiledFolder
from recorder.config import RedactSettings
from recorder.errors import ConfigError
from recorder.model import Credential
from recorder.redact import SHORTEST_KNOWN_BYTES, Allow, Redactor, UserRule, check_rules, load_ahead

KNOWN = "known"
"""The kind of the values that the configuration names."""


def configured(settings: RedactSettings, env: Mapping[str, str] = os.environ) -> tuple[Credential, ...]:
    """Return the values named by `known`. Raises ConfigError for those, a rule or an `allow` that cannot be used."""
    try:
        check_rules(_rules(settings), _allow(settings))
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return resolve(settings.known, env, where="redact known")


def resolve(references: Iterable[str], env: Mapping[str, str] = os.environ, *, where: str) -> tuple[Credential, ...]:
    """Return the values of references `env:NAME` and `file:PATH`. Raises ConfigError that names the reference."""
    return tuple(dict.fromkeys(Credential(KNOWN, _value(one, env, where)) for one in references))


def prepare(cache_dir: Path) -> None:
    """Begin, beside other work, with what a redactor takes longest to load."""
    load_ahead(_rules_folder(cache_dir))


def make_redactor(  # noqa: PLR0913 - what there is to say of a redactor, each by its name
    key: bytes,
    known: Iterable[Credential],
    settings: RedactSettings,
    *,
    former_keys: Sequence[bytes] = (),
    cache_dir: Path,
    pause: Callable[[], None] = lambda: None,
) -> Redactor:
    """Build the redactor that the configuration describes; `known` are values, those of the configuration included.

    `pause` is called between two steps of its work.
    """
    return Redactor(
        key,
        known,
        former_keys=former_keys,
        engine_cache_dir=_rules_folder(cache_dir),
        compiled=CompiledFolder(cache_dir / "compiled"),
        rules=_rules(settings),
        allow=_allow(settings),
        images=settings.images,
        pause=pause,
    )


def _rules_folder(cache_dir: Path) -> str | None:
    folder = cache_dir / "rules"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None  # compiled anew at every start: slower, no worse
    return str(folder)


def _rules(settings: RedactSettings) -> list[UserRule]:
    return [UserRule(rule.name, rule.pattern, rule.keywords) for rule in settings.rule]


def _allow(settings: RedactSettings) -> list[Allow]:
    return [Allow(exact=one) if isinstance(one, str) else Allow(pattern=one.pattern) for one in settings.allow]


def _value(reference: str, env: Mapping[str, str], where: str) -> str:
    scheme, _, name = reference.partition(":")
    if scheme not in ("env", "file") or not name:
        # What stands there may be the secret itself, so it is not repeated.
        raise ConfigError(
            f"{where}: an entry is neither env:NAME nor file:PATH; give one, so that "
            "no secret stands in a command line or a configuration"
        )
    value = _from_environment(reference, env, where) if scheme == "env" else _from_file(reference, where)
    if len(value.encode()) < SHORTEST_KNOWN_BYTES:
        raise ConfigError(
            f"{where}: {reference}: {len(value)} characters are too few to look for; "
            f"give a value of {SHORTEST_KNOWN_BYTES} and more"
        )
    return value


def _from_environment(reference: str, env: Mapping[str, str], where: str) -> str:
    value = env.get(reference.partition(":")[2])
    if not value:
        raise ConfigError(f"{where}: {reference}: the environment has no such variable, or it is empty; set it")
    return value


def _from_file(reference: str, where: str) -> str:
    try:
        return Path(reference.partition(":")[2]).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{where}: {reference}: cannot be read ({type(error).__name__}); name a readable text file"
        ) from None
