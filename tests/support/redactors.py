"""Redactors for tests: the engine's compiled rules are shared by all of them, for to compile them takes seconds."""

from collections.abc import Iterable
from typing import Any

from recorder.model import Credential
from recorder.redact import Redactor
from tests.support.recorder_process import RECORDER_CACHE

RULES = str(RECORDER_CACHE / "rules")
"""Where the recorders that tests start look for them too."""


def fresh(known: Iterable[Credential] = (), *, key: bytes = b"k" * 32, **settings: Any) -> Redactor:
    return Redactor(key, known, engine_cache_dir=RULES, **settings)
