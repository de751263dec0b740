"""Values that are known to be secret, found wherever they appear, in the encodings in which they usually travel.

RFC 4648 §4 and §5: inside a longer base64 text a value has one of three forms, by where it begins; the characters at
its edges also depend on its neighbours, so only those between are compared, and one more on each side goes with them.

Strategy: a recorder that runs for long sees thousands of long tokens. One pass looks for the last bytes of them all,
which differ where the first ones (`eyJhbGciOi…`) do not; each hit is then compared as a whole. Patterns of the whole
values would grow until they cannot be compiled any more, and no content could be stored from then on.
"""

import base64
import json
from collections import deque
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import msgspec

from recorder.redact.growing import Growing
from recorder.redact.many import Many, literal
from recorder.redact.spans import Rank, Span

SHORTEST_KNOWN_BYTES = 6
"""Values below this would remove ordinary words; they are not learned."""

PASSING_KINDS = frozenset({"aws-signature", "google-signature", "signature", "oauth-code"})
"""Secrets of one request, a new one with each: only the latest are kept, as they are, so that memory and time do not
grow with every request. They are void minutes later."""
LATEST_PASSING = 16

_ANCHOR_BYTES = 12
_HEAD_BYTES = 8
"""A shorter beginning of a secret tells nothing: the first bytes of many are public."""
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


class _Form(msgspec.Struct, frozen=True):
    kind: str
    value: bytes
    edges: bool
    """The characters beside it carry bits of the secret as well."""


class KnownValues:
    """A detector of given values."""

    name = "known"

    def __init__(self) -> None:
        self._values: set[bytes] = set()
        self._forms: dict[bytes, _Form] = {}
        self._by_anchor: dict[bytes, list[bytes]] = {}
        self._by_head: dict[bytes, list[bytes]] = {}
        self._longest = 0
        self._passing: deque[Span] = deque(maxlen=LATEST_PASSING)
        self._passing_sweep: Many | None = None
        self._anchors = Growing()
        self._with_anchor: list[list[bytes]] = []

    def has(self, value: bytes) -> bool:
        """Say whether a value is one of those that are kept for good."""
        return value in self._values

    def add(self, kind: str, value: bytes) -> bool:
        """Learn a value; False when it is known already or shorter than `SHORTEST_KNOWN_BYTES`."""
        if value in self._values or len(value) < SHORTEST_KNOWN_BYTES:
            return False
        if kind in PASSING_KINDS:
            return self._add_passing(Span(0, len(value), kind, value, Rank.KNOWN))
        self._values.add(value)
        for spelling, edges in _spellings(value):
            self._add_form(spelling, _Form(kind, value, edges))
        return True

    def occurs_in(self, data: bytes) -> bool:
        """Say whether a known value occurs in any of its encodings."""
        return any(self._hits(data)) or any(self._passing_in(data))

    def find(self, text: bytes) -> list[Span]:
        """Find known values; offsets are bytes."""
        spans = list(self._passing_in(text))
        reached = 0
        for start, end in sorted(self._hits(text), key=lambda hit: (hit[0], -hit[1])):
            if end > reached:  # else it lies in a longer one
                spans.append(self._span(text, start, end))
                reached = end
        return spans

    def find_beginning(self, text: bytes) -> Span | None:
        """Find the beginning of a known value at the very end of a text that was cut off there."""
        first = max(0, len(text) - self._longest)
        for at in range(first, len(text) - _HEAD_BYTES + 1):
            for spelling in self._by_head.get(text[at : at + _HEAD_BYTES], ()):
                if spelling.startswith(text[at:]):
                    form = self._forms[spelling]
                    return Span(at, len(text), form.kind, form.value, Rank.KNOWN)
        return None

    def _add_form(self, spelling: bytes, form: _Form) -> None:
        if spelling in self._forms:
            return
        self._forms[spelling] = form
        self._anchored(spelling[-_ANCHOR_BYTES:]).append(spelling)
        self._by_head.setdefault(spelling[:_HEAD_BYTES], []).append(spelling)
        self._longest = max(self._longest, len(spelling))

    def _anchored(self, anchor: bytes) -> list[bytes]:
        """Give the spellings that end with `anchor`."""
        if anchor not in self._by_anchor:
            self._by_anchor[anchor] = []
            self._with_anchor.append(self._by_anchor[anchor])
            self._anchors.add(anchor)
        return self._by_anchor[anchor]

    def _hits(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Yield where spellings stand; of those with the same last bytes, the longest."""
        if not self._forms:
            return
        for number, end in self._anchors.ends(text):
            longest = max((len(one) for one in self._with_anchor[number] if text.endswith(one, 0, end)), default=0)
            if longest:
                yield end - longest, end

    def _add_passing(self, secret: Span) -> bool:
        if secret in self._passing:
            return False
        self._passing.append(secret)
        self._passing_sweep = Many(
            [(number, literal(one.value)) for number, one in enumerate(self._passing)], once=False
        )
        return True

    def _passing_in(self, text: bytes) -> Iterator[Span]:
        for number, end in self._passing_sweep.ends(text) if self._passing_sweep else ():
            secret = self._passing[number]
            yield secret.moved(end - len(secret.value), end)

    def _span(self, text: bytes, start: int, end: int) -> Span:
        form = self._forms[text[start:end]]
        if form.edges:
            start -= start > 0 and text[start - 1] in _BASE64
            end += end < len(text) and text[end] in _BASE64
        return Span(start, end, form.kind, form.value, Rank.KNOWN)


def _spellings(value: bytes) -> Iterator[tuple[bytes, bool]]:
    yield value, False
    escaped = json.dumps(value.decode("utf-8", "replace"))[1:-1].encode()
    yield escaped, False
    yield escaped.replace(b"/", b"\\/"), False
    for spelled in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield spelled.encode(), False
        yield _lower_percent(spelled).encode(), False
    yield value.hex().encode(), False
    yield value.hex().upper().encode(), False
    for spelled_bytes in _base64_forms(value):
        yield spelled_bytes, True


def _base64_forms(value: bytes) -> Iterator[bytes]:
    for skipped in range(3):
        # Characters that depend on what stands before: none, two, three. After: those of an unfinished group of three.
        encoded = base64.b64encode(b"\0" * skipped + value)
        inner = encoded[(0, 2, 3)[skipped] :].rstrip(b"=")
        if (skipped + len(value)) % 3:
            inner = inner[:-1]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def _lower_percent(spelled: str) -> str:
    parts = spelled.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])
