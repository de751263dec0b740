"""The detectors for commands, with the store's own key: a secret has the fingerprint that it has on the record."""

import os
from pathlib import Path

from recorder.capture.key_ring import ensure_ring
from recorder.config import cache_dir, config_dir
from recorder.errors import ConfigError
from recorder.model import Credential
from recorder.redact import Redactor


def load_redactor(known: tuple[str, ...] = ()) -> Redactor:
    """Return a redactor that also removes the values named by `known`: `env:NAME` or `file:PATH`.

    Raises ConfigError for a value that cannot be had, or is too short to be looked for.
    """
    rules = cache_dir() / "rules"
    try:
        rules.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = str(rules)
    except OSError:
        folder = None  # compiled anew each time: slower, no worse
    redactor = Redactor(ensure_ring(config_dir()).current.fingerprints, engine_cache_dir=folder)
    for spec in known:
        value = _value(spec)
        if not redactor.learn(Credential("known", value)) and not redactor.holds_known(value.encode()):
            raise ConfigError(f"{spec}: {len(value)} characters are too few to look for; give a value of 6 and more")
    return redactor


def _value(spec: str) -> str:
    scheme, _, name = spec.partition(":")
    if scheme == "env" and name:
        if value := os.environ.get(name):
            return value
        raise ConfigError(f"{spec}: the environment has no such variable, or it is empty")
    if scheme == "file" and name:
        try:
            return Path(name).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{spec}: cannot be read ({type(error).__name__})") from None
    raise ConfigError("--known takes env:NAME or file:PATH, so that no secret stands in a command line")
