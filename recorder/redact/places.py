"""Where in a JSON text something was removed: as a path of keys and positions, `messages[3].content[0].text`.

The path is read from what is left, so a key that was a secret is a placeholder in it.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from recorder.model import ALLOWED, Finding, OutboundSecret, SafeBytes
from recorder.redact.fingerprint import PLACEHOLDER

MOST_PLACES = 20
_KEY = re.compile(r"[A-Za-z_][\w-]{0,40}", re.ASCII)


def places(content: SafeBytes, findings: Sequence[Finding]) -> tuple[OutboundSecret, ...]:
    """Return what `findings` tells was removed from a JSON text, each with its place; at most `MOST_PLACES`.

    A placeholder that was in the text before is none of the findings, and left out.
    """
    removed = {f"{finding.kind}:{finding.fingerprint or ''}" for finding in findings}
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):  # not quite JSON, or too deep: it is known what, not where
        return tuple(OutboundSecret(one.kind, "") for one in findings if one.kind != ALLOWED)[:MOST_PLACES]
    return tuple(dict.fromkeys(_found(value, "", removed)))[:MOST_PLACES]


def _found(value: Any, path: str, removed: set[str]) -> Iterator[OutboundSecret]:
    match value:
        case str():
            for kind in _kinds(value, removed):
                yield OutboundSecret(kind, path)
        case list():
            for index, item in enumerate(value):
                yield from _found(item, f"{path}[{index}]", removed)
        case dict():
            for key, member in value.items():
                yield from _found(key, f"{path}.(a key)", removed)
                yield from _found(member, f"{path}.{key}" if _KEY.fullmatch(key) else f"{path}[…]", removed)


def _kinds(text: str, removed: set[str]) -> Iterator[str]:
    if "[REDACTED:" not in text:
        return
    for mark in PLACEHOLDER.findall(text.encode("utf-8", "replace")):
        kind, _, fingerprint = mark.decode().removeprefix("[REDACTED:").removesuffix("]").partition(":")
        if f"{kind}:{fingerprint}" in removed:
            yield kind
