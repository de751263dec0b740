"""The recorded answers of a session, given out in the order in which they were given.

Ids of agents are new in every run, and calls of one agent overlap (a title is made while the first turn runs). So
calls form queues by agent, model and whether tools were offered; an agent that was not seen yet takes the place of the
next recorded one.
"""

from collections import deque
from collections.abc import Iterator

import msgspec

from recorder.model import FlowClass, Headers, Protocol
from recorder.policy.asked import Asked
from recorder.store import queries
from recorder.store.database import Database
from recorder.store.results import InteractionRow
from recorder.wire.journal import Delta
from recorder.wire.jsontext import parse_json

UNPLAYABLE = frozenset({Protocol.BEDROCK_CONVERSE, Protocol.COMPLETE})
"""Protocols whose streams cannot be made again from the message that they amounted to; whole answers can be given."""


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded call: what was asked, and what came back."""

    row: InteractionRow
    request: bytes
    """Redacted, as the answer is."""
    answer: bytes | None
    deltas: tuple[Delta, ...]
    headers: Headers


class _Kind(msgspec.Struct, frozen=True):
    model: str | None
    has_tools: bool


class Tape:
    """What is left of a session."""

    def __init__(self, takes: Iterator[Take]) -> None:
        self._left: dict[str | None, deque[Take]] = {}
        self._names: dict[str | None, str | None] = {None: None}
        self.protocols: set[str] = set()
        """Those that were spoken."""
        self.unplayable = 0
        """How many answers are streams of a protocol in `UNPLAYABLE`: asked for, they are an error."""
        for take in takes:
            self.unplayable += bool(take.deltas) and take.row.protocol in UNPLAYABLE
            self.protocols |= {take.row.protocol} if take.row.protocol else set()
            self._left.setdefault(take.row.agent_id, deque()).append(take)
        self.count = sum(map(len, self._left.values()))

    @property
    def left(self) -> int:
        """How many answers were not given out."""
        return sum(map(len, self._left.values()))

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are still asked for, in the record's order."""
        return tuple(dict.fromkeys(take.row.model for queue in self._left.values() for take in queue if take.row.model))

    def take(self, asked: Asked, body: bytes) -> Take | None:
        """Return the answer to a request, which is gone then; None: nothing of this agent is left."""
        queue = self._left.get(self._recorded_agent(asked.identity.agent_id))
        if not queue:
            return None
        kind = _Kind(asked.model, has_tools(body))
        found = next((take for take in queue if _Kind(take.row.model, has_tools(take.request)) == kind), queue[0])
        queue.remove(found)
        return found

    def _recorded_agent(self, agent_id: str | None) -> str | None:
        if agent_id not in self._names:
            waiting = (name for name in self._left if name is not None and name not in self._names.values())
            # Of no recorded agent: a name that no queue has.
            self._names[agent_id] = next(waiting, f"new {agent_id}")
        return self._names[agent_id]


def load_tape(db: Database, session: str) -> Tape:
    """Return the calls of a session. Raises StoreError when there is none, or content of it was erased."""
    id_ = queries.get_session(db, session).id
    rows = queries.list_interactions(db, session=id_, flow_class=FlowClass.MODEL)[::-1]
    return Tape(_take(db, row) for row in rows)


def has_tools(body: bytes) -> bool:
    """Say whether a request offers tools."""
    try:
        value = parse_json(body)
    except ValueError:
        return False
    return isinstance(value, dict) and bool(value.get("tools"))


def _take(db: Database, row: InteractionRow) -> Take:
    details = queries.details(db, row.id)
    timing = queries.timing(db, row.id)
    return Take(
        row=row,
        request=queries.request_body(db, row.id),
        answer=queries.answer_body(db, row.id) if "answer" in (details.closed or {}) else None,
        deltas=msgspec.json.decode(timing, type=tuple[Delta, ...]) if timing else (),
        headers=details.response_headers,
    )
