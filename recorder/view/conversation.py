"""One interaction as the conversation that it is part of: gathered from the store, ready for `show` and for JSON."""

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec

from recorder.model import ALLOWED, Slot
from recorder.store import queries
from recorder.store.database import Database
from recorder.store.results import Details, InteractionRow, ToolCallRow
from recorder.view.blocks import Block, BlockKind, Spoken, decode, read_blocks, read_message, read_system, tool_name

_LISTS = {slot.value for slot in Slot}


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the request. `new`: it was not in the request before."""

    position: int
    spoken: Spoken
    new: bool


class Pace(msgspec.Struct, frozen=True):
    """How a streamed answer came: in how many events, and the longest time between two of them."""

    events: int
    longest_pause_ms: float


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """An interaction with its content. `calls` are those of its answer, `results` what they gave, by tool use id."""

    row: InteractionRow
    details: Details
    settings: dict[str, Any]
    """What the request says beside its three lists: `max_tokens`, `thinking`, ..."""
    system: tuple[Block, ...]
    system_is_new: bool
    tools: tuple[str, ...]
    turns: tuple[Turn, ...]
    unread_body: bytes | None
    """A request that is no JSON object, as it is."""
    answer: Spoken | None
    calls: tuple[ToolCallRow, ...]
    results: dict[str, Block]
    pace: Pace | None


def load_conversation(db: Database, id_prefix: str) -> Conversation:
    """Gather one interaction. Raises StoreError when no id, or more than one, begins with `id_prefix`."""
    row = queries.get_interaction(db, id_prefix)
    parts = queries.request_parts(db, row.id)
    body = queries.request_body(db, row.id)
    envelope = decode(body) if body else {}
    is_object = isinstance(envelope, dict)
    settings = {name: value for name, value in envelope.items() if name not in _LISTS} if is_object else {}
    details = queries.details(db, row.id)
    calls = tuple(queries.tool_calls(db, row.id))
    return Conversation(
        row=row,
        details=details,
        settings=settings,
        # A system prompt that is one string is no list of parts; it stays with the rest of the body.
        system=tuple(read_system(part.content) for part in parts[Slot.SYSTEM])
        or (read_blocks(envelope.get("system")) if is_object else ()),
        system_is_new=any(part.new for part in parts[Slot.SYSTEM]),
        tools=tuple(tool_name(part.content) for part in parts[Slot.TOOLS]),
        turns=tuple(
            Turn(position=part.position, spoken=read_message(part.content, part.role), new=part.new)
            for part in parts[Slot.MESSAGES]
        ),
        unread_body=None if is_object else body,
        answer=_read_answer(db, details, row.id),
        calls=calls,
        results=_find_results(db, calls),
        pace=_read_pace(queries.timing(db, row.id)),
    )


def secrets_removed(details: Details) -> dict[str, int]:
    """Count the secrets removed from both halves, by kind, in the kinds' order."""
    counts = _found(details)
    return {kind: counts[kind] for kind in sorted(counts) if kind != ALLOWED}


def values_allowed(details: Details) -> int:
    """Count what detectors found in both halves and the configuration's `allow` let stay."""
    return _found(details).get(ALLOWED, 0)


def anomalies(details: Details) -> list[str]:
    """List the oddities met on the wire, the request's first."""
    return list(_both(details, "anomalies"))


def _found(details: Details) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in _both(details, "findings"):
        counts[finding["kind"]] = counts.get(finding["kind"], 0) + finding.get("count", 1)
    return counts


def _both(details: Details, name: str) -> Iterator[Any]:
    for body in (details.opened, details.closed or {}):
        yield from body.get(name, ())


def _read_answer(db: Database, details: Details, interaction_id: str) -> Spoken | None:
    if "answer" not in (details.closed or {}):
        return None
    return read_message(queries.answer_body(db, interaction_id), "assistant")


def _find_results(db: Database, calls: tuple[ToolCallRow, ...]) -> dict[str, Block]:
    """Find the results that later requests brought; a request is read once however many results it brought."""
    found: dict[str, Block] = {}
    for result_id in dict.fromkeys(call.result_id for call in calls if call.result_id is not None):
        wanted = {call.result_part_id for call in calls if call.result_id == result_id}
        for part in queries.request_parts(db, result_id)[Slot.MESSAGES]:
            if part.part_id in wanted:
                found |= results_in(read_message(part.content, part.role))
    return {call.tool_use_id: found[call.tool_use_id] for call in calls if call.tool_use_id in found}


def results_in(spoken: Spoken) -> dict[str, Block]:
    """Map a message's tool results by the id of the call that they answer."""
    return {block.id: block for block in spoken.blocks if block.kind is BlockKind.RESULT and block.id}


def _read_pace(content: bytes | None) -> Pace | None:
    """Read a timing part: a list of `[at_us, event, index, size]` (recorder.wire's `Delta`)."""
    deltas = decode(content) if content else None
    if not isinstance(deltas, list) or len(deltas) < 2:
        return None
    times = [delta[0] for delta in deltas]
    pauses = (later - earlier for earlier, later in itertools.pairwise(times))
    return Pace(len(deltas), max(pauses) / 1000)
