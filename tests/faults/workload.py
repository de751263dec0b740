"""What the fault tests record: small interactions through the writer's desk, whose detectors are made once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder.capture import desk as desk_module
from recorder.capture.desk import Desk
from recorder.capture.frames import Frame
from recorder.capture.messages import Chunks, Hello, Progress
from recorder.capture.signing_keys import ensure_signing_keys
from recorder.redact import Redactor
from recorder.store.database import Database, open_reader
from recorder.store.verification import Report, verify
from recorder.wire.answer import Chunk
from tests.capture.test_desk import TARGET, closing, opening, turn
from tests.support.desk import greeting
from tests.wire import streams

TEXT = "the quick brown fox jumps over a lazy dog and goes on, as stories do, "
ANSWER = streams.sse([streams.START, *streams.text_block(0, *[TEXT] * 12), streams.ending(), streams.STOP])

Acked = dict[str, str]
"""Interaction → `opened` or `closed`: what was acknowledged of it last."""


def share_detectors(monkeypatch: pytest.MonkeyPatch, redactor: Redactor) -> None:
    """Let every desk use these detectors: to load them takes longer than what is tested."""
    monkeypatch.setattr(desk_module, "make_redactor", lambda *_, **__: redactor)


def hello(folder: Path, run_id: str) -> Hello:
    return greeting(folder, run_id=run_id, state_dir=str(folder / "state"), cache_dir=str(folder / "cache"))


def take_a_seat(folder: Path, run_id: str) -> Desk:
    desk = Desk(hello(folder, run_id))
    desk.sit_down()
    return desk


def frames(number: int) -> Iterator[list[Frame]]:
    """Yield the batches of one interaction: its opening, its answer under way, its end, big ones among them."""
    name, words = f"i{number}", [f"message {n}" for n in range(number % 7)]
    size = 40_000 if number % 5 == 4 else 200
    yield [opening(name, turn(*words, f"{number} " + "x" * size))]
    head = ANSWER[: len(ANSWER) // 2]
    told = Progress(
        id=name, target=TARGET, status=200, headers=streams.SSE_HEADERS, chunks=Chunks.of(Chunk(5, len(head))), offset=0
    )
    yield [Frame(0, told, head)]
    yield [closing(name, ANSWER), opening(f"{name}-beside", turn("beside"))]
    yield [closing(f"{name}-beside")]


def record(desk: Desk, numbers: range, acked: Acked, each: Callable[[Acked], None] = lambda _: None) -> None:
    """Record interactions; `acked` gets what was acknowledged, `each` is called after every batch."""
    for number in numbers:
        for batch in frames(number):
            numbered = [Frame(at, frame.message, frame.body) for at, frame in enumerate(batch, 1)]
            for ack, frame in zip(desk.take(numbered), numbered, strict=True):
                if ack.error is None and not isinstance(frame.message, Progress):
                    acked[frame.message.id] = type(frame.message).__name__  # type: ignore[union-attr]
            each(acked)


def lost(db: Database, acked: Acked) -> list[str]:
    """Return what was acknowledged and is not there."""
    states = dict(db.execute("SELECT id, state FROM interactions").fetchall())
    return [id_ for id_, half in acked.items() if id_ not in states or (half == "Close" and states[id_] == "open")]


def verified(folder: Path, config: Path | None = None) -> Report:
    """Verify all of a folder's database with the key that is there, or in `config`."""
    key = ensure_signing_keys(config or folder / "config").key
    with open_reader(folder / "records.db") as db:
        claimed = db.execute("SELECT note FROM tree_head").fetchone()
        return verify(db, [key.verifier((claimed[0] if claimed else "none").split("\n")[0])], [])
