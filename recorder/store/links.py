"""What ties interactions together: a retry to the failed call before it, a tool's result to its call."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from recorder.model import State
from recorder.store.parts import look_up

type Body = Mapping[str, Any]

UNSUCCESSFUL = frozenset({State.FAILED, State.ABORTED, State.BLOCKED, State.LOST})

_LAST_WITH_MESSAGES = """
SELECT id, state FROM interactions
WHERE messages_chain = ? AND session_id = ? AND agent_id IS ?
ORDER BY seq DESC LIMIT 1
"""

# Ids of tool calls are unique at a provider, not across providers: the last call of the same session is meant.
_WAITING_CALLS = """
SELECT call.interaction, call.block, call.tool_use_id, closed.at_utc
FROM tool_calls AS call
JOIN interactions AS caller ON caller.seq = call.interaction
JOIN records AS closed ON closed.seq = caller.closed_seq
WHERE call.result_interaction IS NULL AND caller.session_id IS ? AND call.tool_use_id IN
"""

_ANSWER_CALL = """
UPDATE tool_calls SET result_interaction = ?, result_part = ?, is_error = ?, duration_ms = ?
WHERE interaction = ? AND block = ?
"""


def find_retried(db: Database, session_id: str | None, agent_id: str | None, messages_chain: int | None) -> str | None:
    """Return the id of the call that one with these messages repeats: the last one, if it did not succeed.

    None for a call that names no session: two people may well send the same messages.
    """
    if session_id is None or messages_chain is None:
        return None
    last = db.execute(_LAST_WITH_MESSAGES, (messages_chain, session_id, agent_id)).fetchone()
    return last[0] if last is not None and last[1] in UNSUCCESSFUL else None


def insert_calls(db: Database, interaction: int, body: Body) -> None:
    """Note the tool calls in the answer of a `closed` body."""
    for use in body.get("tool_uses", ()):
        db.execute(
            "INSERT OR IGNORE INTO tool_calls (interaction, block, tool_use_id, name) VALUES (?, ?, ?, ?)",
            (interaction, use["index"], use["id"], use["name"]),
        )


def complete_calls(db: Database, interaction: int, at_utc: str, body: Body, parts: Mapping[int, int]) -> None:
    """Give tool calls their results that are new with an `opened` body; `parts`: position of a message → its part."""
    results = body.get("tool_results", ())
    waiting: dict[str, list[tuple[int, int, str]]] = {}
    session_id = body.get("identity", {}).get("session_id")
    for seq, block, id_, ended_utc in sorted(
        look_up(db, _WAITING_CALLS, {result["tool_use_id"] for result in results}, session_id)
    ):
        waiting.setdefault(id_, []).append((seq, block, ended_utc))
    for result in results:
        if calls := waiting.get(result["tool_use_id"]):
            seq, block, ended_utc = calls.pop()
            took_ms = between_ms(ended_utc, at_utc)
            part = parts.get(result["position"])
            db.execute(_ANSWER_CALL, (interaction, part, int(result["is_error"]), took_ms, seq, block))


def between_ms(start_utc: str, end_utc: str) -> int:
    """Return the milliseconds from one time to another, 0 when the other is earlier."""
    # Two recorders' clocks can differ by a little; a negative duration helps nobody.
    span = datetime.fromisoformat(end_utc) - datetime.fromisoformat(start_utc)
    return max(0, round(span.total_seconds() * 1000))
