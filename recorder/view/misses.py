"""Why the prompt cache missed: what a request could have read from it, what it did read, and what stood in the way.

Strategy. A provider caches beginnings of prompts, in the order tools, system, messages, at the places that are marked
(`cache_control`), for 5 minutes or an hour from the last use
(platform.claude.com/docs/en/build-with-claude/prompt-caching, read in November 2026). So what the request before it had
read and written is what this one could have read. What it read less than that was lost: because the beginning changed,
or the entry had expired, or neither can be seen.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from recorder.model import Protocol, Slot
from recorder.store import queries
from recorder.store.database import Database
from recorder.store.results import InteractionRow
from recorder.view.blocks import decode, tool_name
from recorder.view.comparison import Comparison, Run, compare
from recorder.view.states import cache_writes

_IN_ORDER = (Slot.TOOLS, Slot.SYSTEM, Slot.MESSAGES)
_KEYED = {
    Slot.TOOLS: ("mcp_servers", "toolConfig"),
    Slot.SYSTEM: ("system", "speed"),
    Slot.MESSAGES: ("tool_choice", "thinking", "output_config", "context_management"),
}
"""Parameters whose change makes another prompt, by the list that it begins to be another one with."""
_ELEMENTS = {Slot.TOOLS: "tool", Slot.SYSTEM: "system block", Slot.MESSAGES: "message"}
_LIFETIMES_S = {"5m": 300, "1h": 3600}
_MTOK = 1_000_000


class Cause(StrEnum):
    """What became of a request's cache."""

    HIT = "hit"
    """All that could be read was read."""
    FIRST = "first request"
    NOT_CACHED = "nothing was cached before"
    NOT_TOLD = "the provider did not say"
    MODEL = "another model"
    UPSTREAM = "another provider or host"
    TOOLS = "tools changed"
    SYSTEM = "system prompt changed"
    PARAMETERS = "parameters changed"
    MESSAGES = "an earlier message changed"
    NO_MARKS = "nothing is marked for caching"
    EXPIRED_5M = "expired after 5 minutes"
    EXPIRED_1H = "expired after 1 hour"
    UNSEEN = "no reason can be seen"
    """Evicted by the provider, not ready when the request came, or the change lies in what was redacted."""


_CAUSES = {Slot.TOOLS: Cause.TOOLS, Slot.SYSTEM: Cause.SYSTEM, Slot.MESSAGES: Cause.MESSAGES}


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """What a request lost of its cache, and why."""

    row: InteractionRow
    cause: Cause
    before: InteractionRow | None = None
    """The request that it goes on from."""
    could_read_tokens: int = 0
    """What the request before had read from the cache and written to it."""
    lost_tokens: int = 0
    """What of these this one did not read."""
    lost_usd: str | None = None
    """What sending them again cost more than reading them, as an exact decimal; None: the rates are not known."""
    gap_s: float | None = None
    """From the beginning of the request before to that of this one."""
    where: str = ""
    """The first thing that differs: `message 4 (user)`."""
    lines: tuple[str, ...] = ()
    """A unified diff of it."""


def explain(db: Database, row: InteractionRow) -> Miss:
    """Explain one interaction. Raises StoreError when content of it was erased."""
    if row.input_tokens is None:
        return Miss(row=row, cause=Cause.NOT_TOLD)
    before = _answered_before(db, row)
    return Miss(row=row, cause=Cause.FIRST) if before is None else _against(db, row, before)


def _against(db: Database, row: InteractionRow, before: InteractionRow) -> Miss:
    could_read = (before.cache_read_tokens or 0) + (cache_writes(before) or 0)
    lost = max(0, could_read - (row.cache_read_tokens or 0))
    miss = Miss(
        row=row,
        cause=Cause.HIT,
        before=before,
        could_read_tokens=could_read,
        lost_tokens=lost,
        gap_s=_seconds(before.started_utc, row.started_utc),
    )
    if not could_read:
        return msgspec.structs.replace(miss, cause=Cause.NOT_CACHED)
    if not lost:
        return miss
    return msgspec.structs.replace(miss, lost_usd=_lost_usd(db, row, lost), **_reason(db, miss, before))


def explain_session(db: Database, session_id: str) -> list[Miss]:
    """Explain every model call of a session, oldest first."""
    rows = {row.id: row for row in queries.list_interactions(db, session=session_id, flow_class="model")}
    earlier = queries.requests_before(db, session_id)
    found = []
    for row in reversed(rows.values()):
        before = rows.get(earlier.get(row.id) or "")
        while before is not None and before.input_tokens is None:
            before = rows.get(earlier.get(before.id) or "")
        if row.input_tokens is None:
            found.append(Miss(row=row, cause=Cause.NOT_TOLD))
        else:
            found.append(Miss(row=row, cause=Cause.FIRST) if before is None else _against(db, row, before))
    return found


def lost_usd(misses: list[Miss]) -> tuple[str, int]:
    """Sum up what misses cost: an exact decimal, and how many are not in it."""
    known = [Decimal(miss.lost_usd) for miss in misses if miss.lost_usd is not None]
    unknown = sum(miss.lost_usd is None for miss in misses if miss.lost_tokens)
    return format(sum(known, Decimal(0)), "f"), unknown


def miss_json(miss: Miss) -> dict[str, Any]:
    """Give a miss with ids in the place of rows."""
    values: dict[str, Any] = msgspec.to_builtins(miss)
    del values["row"]
    return {
        "id": miss.row.id,
        **values,
        "before": miss.before.id if miss.before else None,
        "read_tokens": miss.row.cache_read_tokens,
        "written_tokens": cache_writes(miss.row),
    }


def _answered_before(db: Database, row: InteractionRow) -> InteractionRow | None:
    """Find the request that this one goes on from; one whose answer did not say what it used left no trace."""
    while (before_id := queries.request_before(db, row.id)) is not None:
        row = queries.get_interaction(db, before_id)
        if row.input_tokens is not None:
            return row
    return None


def _reason(db: Database, miss: Miss, before: InteractionRow) -> dict[str, Any]:
    row = miss.row
    if (name := row.model_sent or row.model) != (earlier := before.model_sent or before.model):
        return {"cause": Cause.MODEL, "where": f"{earlier} → {name}"}
    if _place(row) != _place(before):
        return {"cause": Cause.UPSTREAM, "where": f"{_place(before)} → {_place(row)}"}
    comparison = compare(db, before.id, row.id)
    change = _first_change(db, comparison)
    expiry = _expired(db, miss, before)
    # What is still read shows that the entry lives: then the change is what cut it short.
    if expiry and (change is None or not row.cache_read_tokens):
        return {"cause": expiry, "where": f"and {change['where']} differs" if change else ""}
    return change or {"cause": Cause.UNSEEN}


def _place(row: InteractionRow) -> str:
    return row.upstream or f"{row.provider} at {row.host}"


def _first_change(db: Database, comparison: Comparison) -> dict[str, Any] | None:
    """Find the first change in the order in which prompts are cached."""
    for slot in _IN_ORDER:
        keyed = [one.path for one in comparison.parameters if one.path.partition(".")[0] in _KEYED[slot]]
        if keyed:
            return {"cause": Cause.PARAMETERS, "where": ", ".join(keyed)}
        if (run := _first_run(slot, comparison.lists[slot])) is not None:
            where = _name(db, comparison, slot, run)
            return {"cause": _CAUSES[slot], "where": where, "lines": run.lines}
    if not _lifetimes(db, comparison.after):
        return {"cause": Cause.NO_MARKS, "where": "no cache_control in the request"}
    return None


def _first_run(slot: Slot, runs: tuple[Run, ...]) -> Run | None:
    run = next((run for run in runs if run.kind != "equal"), None)
    # Messages behind all that were there are no change of the beginning.
    is_end = run is not None and slot is Slot.MESSAGES and run.before == (runs[-1].before[1],) * 2
    return None if is_end else run


def _name(db: Database, comparison: Comparison, slot: Slot, run: Run) -> str:
    """Name the first element that differs, as the later request has it; one that is only in the earlier, as that."""
    is_gone = run.kind == "delete"
    row, position = (comparison.before, run.before[0]) if is_gone else (comparison.after, run.after[0])
    ((role, content),) = queries.read_parts(db, queries.request_part_ids(db, row.id)[slot][position : position + 1])
    name = {Slot.TOOLS: tool_name(content), Slot.MESSAGES: role or ""}.get(slot, "")
    return f"{_ELEMENTS[slot]} {position}{f' ({name})' if name else ''}{' is gone' if is_gone else ''}"


def _expired(db: Database, miss: Miss, before: InteractionRow) -> Cause | None:
    """Tell which lifetime had run out; what was written for an hour counts where anything was."""
    lifetimes = _lifetimes(db, before)
    if before.cache_write_1h_tokens or "1h" in lifetimes:
        return Cause.EXPIRED_1H if (miss.gap_s or 0) >= _LIFETIMES_S["1h"] else None
    return Cause.EXPIRED_5M if (miss.gap_s or 0) >= _LIFETIMES_S["5m"] else None


def _lifetimes(db: Database, row: InteractionRow) -> set[str]:
    """Return the lifetimes that a request marks anything with."""
    if row.protocol == Protocol.BEDROCK_CONVERSE:  # whose marks are blocks among the others
        texts = [queries.request_body(db, row.id)]
    else:
        frame, marks = queries.request_frame(db, row.id)
        texts = [frame, *(mark.encode() for mark in marks)]
    return {lifetime for text in texts for lifetime in _marked(decode(text or b"null"))}


def _marked(body: Any) -> Iterator[str]:
    stack = [body]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if isinstance(mark := value.get("cache_control"), dict):
                yield str(mark.get("ttl") or "5m")
            if isinstance(value.get("cachePoint"), dict):
                yield "5m"
            stack += value.values()
        elif isinstance(value, list):
            stack += value


def _lost_usd(db: Database, row: InteractionRow, lost: int) -> str | None:
    """Price what was lost: written or sent anew instead of read, by the rates of the interaction itself."""
    rates = (queries.details(db, row.id).closed or {}).get("cost", {}).get("rates", {})
    hour, minutes = row.cache_write_1h_tokens or 0, row.cache_write_5m_tokens or 0
    rewritten = min(lost, hour + minutes)
    as_hour = min(rewritten, hour)
    counts = {
        "cache_write_1h_mtok": as_hour,
        "cache_write_5m_mtok": rewritten - as_hour,
        "input_mtok": lost - rewritten,
        "cache_read_mtok": -lost,
    }
    if any(count and name not in rates for name, count in counts.items()):
        return None
    usd = sum((Decimal(rates[name]) * count for name, count in counts.items() if count), Decimal(0)) / _MTOK
    return format(max(usd, Decimal(0)), "f")


def _seconds(before: str, after: str) -> float:
    return (datetime.fromisoformat(after) - datetime.fromisoformat(before)).total_seconds()
