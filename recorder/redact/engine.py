"""The scanning engine: kingfisher-secret-scanner's default `Scanner`, in this process.

The package also holds a validator and a revoker that call providers over the network. It is imported without running
its `__init__`, which would load them, and their native classes are taken away, so that no code of this process can
reach them.
"""

import contextlib
import importlib
import importlib.util
import re
import sys
import threading
from functools import cache
from types import ModuleType
from typing import Any

from recorder.redact.guards import is_filler, is_identifier
from recorder.redact.spans import Rank, Span

_PACKAGE = "kingfisher_sdk"
_NETWORK_CLASSES = ("Validator", "Revoker")
# Parts of a credential that are public: to remove them would destroy evidence.
_PUBLIC = re.compile(
    r"(?:client|tenant|app|application|account|user-api|access-token|service-account|planetscale|access|auth|key)-id$"
    r"|(?:^|-)(?:pub|public)-(?:api-)?key$|public-api-token$|-(?:username|name|domain|host|address|repository)$"
    r"|(?:instance|project|rest|jfrog)-url$|planetscale-id$|posthog-project-api-key$|new-relic-browser-api-token$"
)
# Ids that go with the rest of an AWS credential.
_KEPT = ("aws-", "alibaba-")
# Its secret is the whole URI; the rules of this room take the password alone.
_REPLACED = frozenset({"generic-credential-uri", "mongodb-connection-string", "curl-auth-user"})
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LONG_BYTES = 1000
_PEM, _MOST_KEYS = b"PRIVATE KEY", 100
_LOADING = threading.Lock()


class EngineDetector:
    """Finds what the engine's catalogue knows. Building one takes seconds without a cache of compiled rules."""

    name = "engine"

    def __init__(self, cache_dir: str | None = None) -> None:
        self._scanner = _scanner(cache_dir)

    def find(self, text: bytes) -> list[Span]:
        """Find secrets in UTF-8 text; offsets are bytes. Opens no connection."""
        if text.count(_PEM) > _MOST_KEYS:
            # Its pattern for key blocks tries each header against the whole text; our own detector finds them at once.
            text = text.replace(_PEM, b"PRIVATE-KEY")
        # The line break in front keeps a byte order mark or a file header from being taken for the kind of the input.
        found = self._scanner.scan(b"\n" + text)
        return [span for one in found if (span := _span(one, text)) is not None]


def _span(found: Any, text: bytes) -> Span | None:
    kind = kind_of_rule(found.rule_id)
    if kind is None:
        return None
    place = found.location
    start, end = place["start_offset"] - 1, place["end_offset"] - 1
    value = text[start:end]
    if is_filler(value) or is_identifier(value) or _is_inside(text, start, end):
        return None
    return Span(start, end, kind, value, Rank.ENGINE)


def _is_inside(text: bytes, start: int, end: int) -> bool:
    """Say whether a value is a piece of long base64 (a program, a font), in which any short beginning comes by."""
    before, after = text[max(0, start - _LONG_BYTES) : start], text[end : end + _LONG_BYTES]
    left, right = len(before) - len(before.rstrip(_BASE64)), len(after) - len(after.lstrip(_BASE64))
    return left > 0 and left + right >= _LONG_BYTES


@cache
def kind_of_rule(rule_id: str) -> str | None:
    """Make a placeholder's kind of a rule's id; None when what the rule finds is no secret."""
    name = re.sub(r"^(?:betterleaks\.|veles\.secrets/)|\.\d+$", "", rule_id)
    if name in _REPLACED or (_PUBLIC.search(name) and not name.startswith(_KEPT)):
        return None
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def load_ahead(cache_dir: str | None) -> threading.Thread:
    """Begin to load what an `EngineDetector` of this folder needs, beside other work: it is native code that lets other
    threads run. What goes wrong there goes wrong once more, and is told, when the detector is built."""

    def load() -> None:
        with contextlib.suppress(Exception):
            _scanner(cache_dir)

    thread = threading.Thread(target=load, name="recorder-engine", daemon=True)
    thread.start()
    return thread


def _scanner(cache_dir: str | None) -> Any:
    with _LOADING:  # who comes second waits for what the first one builds
        return _built(cache_dir)


@cache
def _built(cache_dir: str | None) -> Any:
    """Build the scanner, once a process: compiled rules are kept in `cache_dir`, or nowhere."""
    rules = _load("rules").Rules(cache=cache_dir is not None, cache_dir=cache_dir)
    # Base64 is a view of this room, which knows where a secret came from.
    return _load("scanner").Scanner(rules, base64=False)


def _load(module: str) -> Any:
    """Import one module of the package, without the package's own `__init__`."""
    if _PACKAGE not in sys.modules:
        spec = importlib.util.find_spec(_PACKAGE)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(f"{_PACKAGE} is missing; install kingfisher-secret-scanner")
        package = ModuleType(_PACKAGE)
        package.__path__ = list(spec.submodule_search_locations)
        sys.modules[_PACKAGE] = package
    native = importlib.import_module(f"{_PACKAGE}._native")
    for name in _NETWORK_CLASSES:
        if hasattr(native, name):
            delattr(native, name)
    return importlib.import_module(f"{_PACKAGE}.{module}")
