"""The values of a Kubernetes Secret, whatever they are called.

https://kubernetes.io/docs/concepts/configuration/secret/: `data` holds base64, `stringData` text. A pattern cannot tell
where the manifest's members end, so the lines are read one by one.
"""

import re
from collections.abc import Iterator

from recorder.redact.guards import is_filler, is_reference
from recorder.redact.regex import compile_bytes
from recorder.redact.rules.values import is_public
from recorder.redact.spans import Rank, Span

_KIND = r"(?i)\bkind[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?secret\b"
_SECRET = compile_bytes(_KIND)
_DATA = re.compile(rb"(?m)^([^\n]{0,12}?[ \t]{0,24})(?:data|stringData):[ \t]*\r?$")
_LINE = re.compile(rb"(?m)^([^\n]{0,12}?[ \t]{0,32})[\"']?[A-Za-z0-9._-]{1,128}[\"']?:([^\n]*)")
_BLOCK = re.compile(rb"[>|][+-]?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{4,}={0,2}")
_JSON = re.compile(rb"\"(?:data|stringData)\"\s{0,4}:\s{0,4}\{([^{}]{0,8192})\}")
_MEMBER = re.compile(rb"\"[A-Za-z0-9._-]{1,128}\"\s{0,4}:\s{0,4}\"([^\"\\]{4,})\"")
_NEAR_BYTES = 4096
# A text of nothing but such heads must not be read once for each.
_APART_BYTES = 1024
_SEPARATOR = b"\n---"


class KubernetesSecretDetector:
    """Finds what stands under `data` and `stringData` in a manifest of the kind Secret."""

    name = "kubernetes-secret"
    patterns = (_KIND,)

    def find(self, text: bytes) -> list[Span]:
        """Find the values in UTF-8 text; offsets are bytes."""
        found: dict[int, Span] = {}
        following = 0
        while (match := _SECRET.search(text, following)) is not None:
            low = max(0, match.start() - _NEAR_BYTES, text.rfind(_SEPARATOR, 0, match.start()))
            end = text.find(_SEPARATOR, match.end())
            high = min(len(text), match.end() + _NEAR_BYTES, end if end >= 0 else len(text))
            following = min(high, match.end() + _APART_BYTES)
            for start, until in (*_in_yaml(text, low, high), *_in_json(text, low, high)):
                value = text[start:until]
                found[start] = Span(start, until, "kubernetes-secret", value, Rank.CONTEXT)
        return [found[start] for start in sorted(found)]


def _in_yaml(text: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    for data in _DATA.finditer(text, low, high):
        indent, at = len(data.group(1).expandtabs()), data.end() + 1
        while at < high:
            line = _LINE.match(text, at, high)
            if line is None:
                after = text.find(b"\n", at, high)
                if after < 0 or b"#" not in text[at:after]:
                    break
                at = after + 1  # a comment
                continue
            if len(line.group(1).expandtabs()) <= indent:
                break
            start, end = line.span(2)
            at = line.end() + 1
            if _BLOCK.fullmatch(line.group(2).strip()):
                start, end = _block(text, at, high, len(line.group(1)))
                at = end + 1
            yield from _judged(text, start, end)


def _block(text: bytes, at: int, high: int, indent: int) -> tuple[int, int]:
    """Give the lines of a block scalar, which are indented further than its name."""
    start = end = at
    while at < high:
        until = text.find(b"\n", at, high)
        until = until if until >= 0 else high
        line = text[at:until]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end, at = until, until + 1
    return start, end


def _in_json(text: bytes, low: int, high: int) -> Iterator[tuple[int, int]]:
    for data in _JSON.finditer(text, low, high):
        for member in _MEMBER.finditer(text, data.start(1), data.end(1)):
            yield from _judged(text, *member.span(1))


def _judged(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    value = text[start:end]
    bare = value.strip(b"\"' \t\r")
    start += value.find(bare)
    if len(bare) < 4 or is_reference(bare) or is_filler(bare[:4096]) or b"#" in bare[:1]:
        return
    if _BASE64.fullmatch(bare.translate(None, b" \t\r\n")) or not is_public(bare[:4096]):
        yield start, start + len(bare)
