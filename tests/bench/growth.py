"""One conversation of many turns that grows to 1 MB: what its record takes, and what each turn costs the writer.

Every request repeats the one before it, as Claude Code's do. Nonces stand for the conversation, not for the turn.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from recorder.demo.events import message
from tests.bench.answers import answer, stream
from tests.bench.arena import Running, Scene
from tests.bench.bodies import MEDIUM_BYTES, MODEL, dumps, messages, request
from tests.bench.contestants import FAILURES, Contestant, LeaveOut
from tests.bench.machine import fine_cpu_ms
from tests.bench.provider import Order

EVENTS = 25


class Growth(msgspec.Struct, frozen=True):
    """Bytes of the conversation and of its record, and milliseconds of processor time for each turn."""

    turns: int
    request_bytes: int
    """The sum over all requests."""
    distinct_bytes: int
    """Each element of the requests' lists once, what surrounds the lists once, each answer as one message."""
    database_bytes: int
    parts_bytes: int | None
    """What is stored in parts, before compression; known of our own database alone."""
    writer_ms: list[float]
    """What the other processes took, a turn; none where there is no other process."""
    own_ms: list[float]
    first_ms: list[float]
    """From the request to the first byte of the answer."""


async def conversations(
    scene: Scene, chosen: Sequence[Contestant], turns: int, say: Callable[[str], None], leave_out: LeaveOut
) -> dict[str, Growth]:
    """Hold the conversation through everyone who keeps a record."""
    found = {}
    for contestant in chosen:
        if contestant.count and not contestant.is_variant:
            try:
                found[contestant.name] = await _conversation(scene, contestant, turns)
            except FAILURES as error:
                leave_out(contestant, "the conversation", error)
                continue
            say(f"the conversation of {turns} turns through {contestant.name} is done")
    return found


async def _conversation(scene: Scene, contestant: Contestant, turns: int) -> Growth:
    bodies = conversation_bodies(turns)
    plain = stream(EVENTS).plain
    order = Order(events=EVENTS, interval_ms=1)  # the times in its deltas make each answer another one
    own_ms, writer_ms, first_ms = [], [], []
    async with scene.contest(contestant, "-growth") as one:
        await scene.provider.order(order)
        before = _fine(one)
        for body in bodies:
            exchanges = await one.load.sequence(iter([body]))
            await one.check(exchanges, await scene.provider.order(order), plain)
            after = _fine(one)
            own_ms.append(after[0] - before[0])
            writer_ms.append(after[1] - before[1])
            first_ms.append(exchanges[0].first_ms)
            before = after
        db = one.db
    assert db
    return Growth(
        turns=turns,
        request_bytes=sum(map(len, bodies)),
        distinct_bytes=distinct_bytes(turns) + len(dumps(message(answer(EVENTS), MODEL, "msg_bench"))) * turns,
        database_bytes=sum(path.stat().st_size for path in db.parent.glob(f"{db.name}*")),
        parts_bytes=_parts_bytes(db),
        writer_ms=writer_ms if any(writer_ms) else [],
        own_ms=own_ms,
        first_ms=first_ms,
    )


def _lists(turns: int) -> list[list[dict[str, Any]]]:
    chars = MEDIUM_BYTES // turns - 250  # beside the text: a call, a result's frame, quotes that are escaped
    everything = messages(2 * turns, int(chars * 0.93))
    return [everything[: 2 * turn + 1] for turn in range(turns)]


def conversation_bodies(turns: int) -> list[bytes]:
    """Return the bodies of all requests."""
    return [dumps(request(content)) for content in _lists(turns)]


def distinct_bytes(turns: int) -> int:
    """Count what is new in all requests, in bytes: each element of a list once, and the rest of a request once."""
    whole = request(_lists(turns)[-1])
    elements = {dumps(element) for name in ("system", "tools", "messages") for element in whole[name]}
    envelope = dumps(whole | {"system": [], "tools": [], "messages": []})
    return sum(map(len, elements)) + len(envelope)


def _fine(one: Running) -> tuple[float, float]:
    own, *others = [fine_cpu_ms(pid) or 0.0 for pid in one.pids]
    return own, sum(others)


def _parts_bytes(db: Path) -> int | None:
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        try:
            (total,) = connection.execute("SELECT sum(bytes) FROM parts").fetchone()
        except sqlite3.OperationalError:
            return None
    return int(total)
