"""The table `tool_calls` against the records: which calls an answer held, and which request brought the results.

Strategy. As when they were recorded, a call waits for its result, and a result belongs to the last call of that id in
its session. What waits is remembered; a call that is answered is compared with its row and forgotten. Rows are read for
many records at a time: one by one that took longer than all else.
"""

import re
from collections import defaultdict
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.ledger.verdict import Findings, Verdict
from recorder.store.database import reading
from recorder.store.links import between_ms
from recorder.store.parts import look_up

_ROWS = """
SELECT c.interaction, c.block, c.tool_use_id, c.name, c.result_interaction, p.commitment, c.is_error, c.duration_ms
FROM tool_calls AS c LEFT JOIN parts AS p ON p.id = c.result_part WHERE c.interaction IN
"""
_CALLERS = "SELECT id, seq, session_id FROM interactions WHERE id IN"
_SOME = 500
"""Records, or calls, that are looked at together."""
_WAITING = """
SELECT i.session_id, c.tool_use_id, c.interaction, c.block, c.name, r.at_utc
FROM tool_calls AS c JOIN interactions AS i ON i.seq = c.interaction JOIN records AS r ON r.seq = i.closed_seq
WHERE r.seq <= ? AND (c.result_interaction IS NULL OR c.result_interaction > ?)
"""
_COUNT = """
SELECT count(*) FROM tool_calls AS c JOIN interactions AS i ON i.seq = c.interaction WHERE i.closed_seq > ?
"""
TOOLS = re.compile(rb'"tool_(?:uses|results)":')
"""What a record has in it that says something of tool calls."""


class _Use(msgspec.Struct, frozen=True):
    id: str
    index: int
    name: str


class _Result(msgspec.Struct, frozen=True):
    tool_use_id: str
    is_error: bool
    position: int


class _Element(msgspec.Struct, frozen=True):
    part: str


class _Messages(msgspec.Struct, frozen=True):
    length: int
    new: tuple[_Element, ...] = ()


class _Chains(msgspec.Struct, frozen=True):
    messages: _Messages | None = None


class _Identity(msgspec.Struct, frozen=True):
    session_id: str | None = None


class _Opened(msgspec.Struct, frozen=True):
    tool_results: tuple[_Result, ...] = ()
    chains: _Chains = _Chains()
    identity: _Identity = _Identity()


class _Closed(msgspec.Struct, frozen=True):
    id: str
    tool_uses: tuple[_Use, ...] = ()


_opened = msgspec.json.Decoder(_Opened).decode
_closed = msgspec.json.Decoder(_Closed).decode

type _Call = tuple[int, int, str, str, str]
"""Interaction, block, id, name, and when the answer ended."""


class Calls:
    """Takes the records in their order."""

    def __init__(self, db: Database, found: Findings, after: int = 0) -> None:
        """`after`: the number of the last record that will not be taken."""
        self._db = db
        self._found = found
        self._after = after
        self._count = 0
        self._read: list[tuple[int, str, _Closed | _Opened]] = []
        """Records of which nothing was made yet."""
        self._known: list[tuple[_Call, tuple[Any, ...]]] = []
        """Calls that are to be compared, and what the columns of their results should be."""
        self._waiting: defaultdict[tuple[str | None, str], list[_Call]] = defaultdict(list)
        with reading():
            for session, id_, seq, block, name, at_utc in db.execute(_WAITING, (after, after)) if after else ():
                self._waiting[session, id_].append((seq, block, id_, name, at_utc))

    def record(self, seq: int, kind: bytes, at_utc: bytes, body: bytes) -> None:
        """Take a record in which `TOOLS` was found. One without a record's form is passed over: `Story` names it."""
        try:
            if kind == b"closed":
                self._read.append((seq, at_utc.decode(), _closed(body)))
            elif kind == b"opened":
                self._read.append((seq, at_utc.decode(), _opened(body)))
        except ValueError:
            return
        if len(self._read) == _SOME:
            self._take()

    def finish(self) -> None:
        """Look at the calls without a result, and for rows that no record tells of."""
        self._take()
        for calls in self._waiting.values():
            self._known += [(call, (None, None, None, None)) for call in calls]
            if len(self._known) >= _SOME:
                self._compare()
        self._compare()
        with reading():
            (have,) = self._db.execute(_COUNT, (self._after,)).fetchone()
        if have != self._count:
            self._found.add(Verdict.MODIFIED, f"tool_calls: {have} rows, the records tell of {self._count}")

    def _take(self) -> None:
        ids = {body.id for _, _, body in self._read if isinstance(body, _Closed)}
        with reading():
            callers = {id_: (seq, session) for id_, seq, session in look_up(self._db, _CALLERS, ids)}
        for seq, at_utc, body in self._read:
            if isinstance(body, _Opened):
                self._answered(seq, body, at_utc)
            elif body.id in callers:  # a row of interactions that is gone is found where these are compared
                self._ended(*callers[body.id], body, at_utc)
        self._read.clear()
        if len(self._known) >= _SOME:
            self._compare()

    def _ended(self, seq: int, session: str | None, body: _Closed, at_utc: str) -> None:
        uses: dict[int, _Use] = {}
        for use in body.tool_uses:
            uses.setdefault(use.index, use)
        self._count += len(uses)
        for block, use in uses.items():
            self._waiting[session, use.id].append((seq, block, use.id, use.name, at_utc))

    def _answered(self, seq: int, body: _Opened, at_utc: str) -> None:
        messages = body.chains.messages or _Messages(0)
        first = messages.length - len(messages.new)
        parts = {first + at: one.part for at, one in enumerate(messages.new)}
        for result in body.tool_results:
            key = body.identity.session_id, result.tool_use_id
            if key not in self._waiting:
                continue
            calls = self._waiting[key]
            calls.sort()
            call = calls.pop()
            if not calls:
                del self._waiting[key]
            took_ms = between_ms(call[-1], at_utc)
            self._known.append((call, (seq, parts.get(result.position), int(result.is_error), took_ms)))

    def _compare(self) -> None:
        rows = {}
        with reading():
            for interaction, block, *rest in look_up(self._db, _ROWS, {call[0] for call, _ in self._known}):
                rows[interaction, block] = rest
        for (interaction, block, id_, name, _), result in self._known:
            row = rows.get((interaction, block))
            if row is None:
                self._found.add(Verdict.MODIFIED, f"tool_calls: call {block} of interaction {interaction} is gone")
                continue
            *rest, part, is_error, took_ms = row
            have = (*rest, None if part is None else part.hex(), is_error, took_ms)
            if have != (id_, name, *result):
                text = f"tool_calls: call {block} of interaction {interaction} differs from the records"
                self._found.add(Verdict.MODIFIED, text)
        self._known.clear()
