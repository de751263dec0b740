"""Turns raw pieces of requests into safe parts, each once.

Claude Code sends the whole conversation with every request. The digest of a raw piece, kept in memory only, finds
what has been redacted and stored before, so that its redaction is not done again (promise 8). A piece is taken for
known only after the transaction that stored it, and only as long as it holds no secret learned since.

After a restart the memory is empty. Then a piece is known when the store has a part of the same digest in which these
detectors found nothing: it is as it was sent, so its digest gives no more away than its content. A piece from which
something was removed is scanned again; to find it, a digest of the secret text itself would have to be kept.
"""

import contextlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

import msgspec

from recorder.capture.recall import Recall
from recorder.model import Finding, OutboundSecret, SafeBytes, ToolResult
from recorder.redact import Edit, Redacted, Redactor, places
from recorder.store.rows import KnownPart, NewPart
from recorder.wire.facts import tool_results

MOST_ENTRIES = 30_000
"""About 10 MB of memory; a conversation of a thousand turns has some thousands of parts. What was found clean is found
in the store when it has been forgotten here."""


DIGEST_BYTES = 16
"""Of a keyed hash: who does not have the key cannot look for two contents with the same one."""


class Raw(NamedTuple):
    """A JSON value as it came."""

    kind: str
    role: str | None
    content: bytes


class Shelved(msgspec.Struct, frozen=True):
    """A safe part, and what its caller needs to know of the raw piece behind it."""

    part: NewPart | KnownPart
    edits: tuple[Edit, ...]
    findings: tuple[Finding, ...]
    """What was removed from it; empty for a part that is known."""
    tool_results: tuple[ToolResult, ...]
    secrets: tuple[OutboundSecret, ...] = ()
    """Those that the piece has, with their places in it, known or not."""


class _Entry(msgspec.Struct):
    digest: bytes
    edits: tuple[Edit, ...]
    tool_results: tuple[ToolResult, ...]
    generation: int
    secrets: tuple[OutboundSecret, ...] = ()


class Shelf:
    """The parts of one writer process; `confirm` after each commit, `drop` when the store says that it lacks some."""

    def __init__(  # noqa: PLR0913 - what it works with, each by its name
        self,
        key: bytes,
        redactor: Redactor,
        recall: Recall,
        detectors: str,
        find_cleared: Callable[[list[bytes], str], Collection[bytes]],
        *,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        """`key`: 32 bytes that make the digests of parts, the same in every run of this store.

        `find_cleared` gives those digests under which the store has a part in which `detectors` (a version) found
        nothing. `pause` is called between two steps of the work on many parts.
        """
        self.recall = recall
        """What is known of whole bodies, as long as what is known of their parts."""
        self._key = key
        self._detectors = detectors
        self._find_cleared = find_cleared
        self._redactor = redactor
        self._pause = pause
        self._generation = 0
        self._known: OrderedDict[bytes, _Entry] = OrderedDict()
        self._unconfirmed: dict[bytes, _Entry] = {}

    @property
    def generation(self) -> int:
        """Changes with every secret that is learned."""
        return self._generation

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let the block shelve and confirm what is another transaction's, before what was shelved until now."""
        unconfirmed, self._unconfirmed = self._unconfirmed, {}
        try:
            with self.recall.aside():
                yield
        finally:
            self._unconfirmed = unconfirmed

    def learned(self) -> None:
        """Say that the redactor knows more secrets than before: what is shelved is looked at again."""
        self._generation += 1
        self.recall.forget()

    def parts(self, raws: Sequence[Raw]) -> list[Shelved]:
        """Return the safe part for each. Raises RedactionError."""
        raws = [self._with_safe_role(raw) for raw in raws]
        marks = [_digest(self._key, *raw) for raw in raws]
        self._pause()
        entries = [self._look_up(mark, raw.content) for mark, raw in zip(marks, raws, strict=True)]
        looked_for = [mark for mark, entry in zip(marks, entries, strict=True) if not entry]
        cleared = self._find_cleared(looked_for, self._detectors) if looked_for else ()
        is_clean = [
            not entry and mark in cleared and not self._redactor.holds_known(raw.content)
            for mark, raw, entry in zip(marks, raws, entries, strict=True)
        ]
        unknown = [not (entry or clean) for entry, clean in zip(entries, is_clean, strict=True)]
        redacted = iter(self._redactor.json_each(raw.content for raw in compress(raws, unknown)))
        return [
            Shelved(KnownPart(entry.digest), entry.edits, (), entry.tool_results, entry.secrets)
            if entry
            else self._part(raw, mark, None if clean else next(redacted))
            for mark, raw, entry, clean in zip(marks, raws, entries, is_clean, strict=True)
        ]

    def _part(self, given: Raw, mark: bytes, redacted: Redacted[SafeBytes] | None) -> Shelved:
        """Return a part that is not shelved yet; `redacted` is None for one that the store has, found clean.

        A piece in which nothing was found is stored as it came: its part's digest is the piece's own, its mark.
        """
        kind, role, raw = given
        results = tool_results(raw) if kind == "message" else ()
        if redacted is not None and redacted.edits:
            results = self._safe(results)
        if redacted is None:
            self._known[mark] = _Entry(mark, (), results, self._generation)
            return Shelved(KnownPart(mark), (), (), results)
        if redacted.edits:
            part = self.new_part(kind, role, redacted.value)
        else:
            part = NewPart(kind=kind, role=role, content=redacted.value, digest=mark, cleared_by=self._detectors)
        found = places(redacted.value, redacted.findings) if redacted.findings else ()
        self._unconfirmed[mark] = _Entry(part.digest, redacted.edits, results, self._generation, found)
        return Shelved(part, redacted.edits, redacted.findings, results, found)

    def new_part(self, kind: str, role: str | None, content: SafeBytes) -> NewPart:
        """Return a part that is not looked for among the known ones."""
        return unshared_part(self._key, kind, role, content)

    def confirm(self) -> None:
        """Take what has been shelved since for stored."""
        self.recall.confirm()
        self._known.update(self._unconfirmed)
        self._unconfirmed.clear()
        while len(self._known) > MOST_ENTRIES:
            self._known.popitem(last=False)

    def drop(self, digests: Iterable[bytes] | None = None) -> None:
        """Forget parts that the store lacks (None: all), and whatever was not confirmed."""
        self._unconfirmed.clear()
        self.recall.forget()
        if digests is None:
            self._known.clear()
            return
        gone = set(digests)
        self._known = OrderedDict((mark, entry) for mark, entry in self._known.items() if entry.digest not in gone)

    def _with_safe_role(self, raw: Raw) -> Raw:
        """A role is whatever the client wrote there."""
        return raw if raw.role is None else raw._replace(role=self._redactor.text(raw.role).value)

    def _safe(self, results: Iterable[ToolResult]) -> tuple[ToolResult, ...]:
        """Redact the ids of a part that secrets were removed from: they go to the record beside it.

        A part without any stands in the record as it was sent, its ids with it.
        """
        return tuple(ToolResult(self._redactor.text(one.tool_use_id).value, one.is_error) for one in results)

    def _look_up(self, mark: bytes, raw: bytes) -> _Entry | None:
        entry = self._known.get(mark)
        if entry is None:
            return None
        if entry.generation != self._generation:
            if self._redactor.holds_known(raw):
                del self._known[mark]
                return None
            entry.generation = self._generation
        self._known.move_to_end(mark)
        return entry


def unshared_part(key: bytes, kind: str, role: str | None, content: SafeBytes) -> NewPart:
    """Return a part under the digest that `key` makes, as all of them; nobody looks for it among the known ones."""
    return NewPart(kind=kind, role=role, content=content, digest=_digest(key, kind, role, content))


def _digest(key: bytes, kind: str, role: str | None, content: bytes) -> bytes:
    state = _begun(key).copy()
    state.update(b"\0".join((kind.encode(), (role or "").encode(), b"")))
    state.update(content)
    return state.digest()[:DIGEST_BYTES]


@lru_cache(maxsize=4)
def _begun(key: bytes) -> "hmac.HMAC":
    """Return the hash before its first byte: to begin one takes longer than to hash a kilobyte."""
    return hmac.new(key, digestmod="sha256")
