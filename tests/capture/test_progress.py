"""How the proxy tells of answers under way: each byte once, and again from the beginning when that is needed."""

import asyncio
from typing import Any

import pytest

from recorder.capture.client import MOST_BEFORE_OFFERS
from recorder.capture.messages import Ack, Chunks, Open, Progress
from recorder.capture.progress import Following
from recorder.capture.tee import Tee
from recorder.capture.waiting import MOST_DEATHS, UnrecordedError
from tests.capture.test_client import OPEN, Stable, note, stable, started

__all__ = ["stable", "started"]

HEADERS = (("content-type", "text/event-stream"),)


class FakeCapture:
    def __init__(self) -> None:
        self.is_idle = True
        self.writer_pid = 1
        self.told: list[tuple[Progress, bytes]] = []
        self.futures: list[asyncio.Future[Ack]] = []

    def offer(self, message: Progress, body: list[bytes]) -> asyncio.Future[Ack]:
        self.told.append((message, b"".join(body)))
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]

    def acknowledge(self) -> None:
        self.futures[-1].set_result(Ack(number=0))

    def refuse(self, *, maybe: bool) -> None:
        self.futures[-1].set_exception(UnrecordedError("no", maybe=maybe))


class FakeExchange:
    def __init__(self, opening: Open = OPEN) -> None:
        self.opening = opening
        self.is_under_way = True


@pytest.fixture
def scene() -> Any:
    capture, exchange, tee = FakeCapture(), FakeExchange(), Tee(0)
    following = Following(capture)  # type: ignore[arg-type]
    following.follow(exchange, tee, 200, HEADERS)  # type: ignore[arg-type]
    return capture, exchange, tee, following


async def test_each_byte_is_told_once_and_nothing_when_nothing_came(scene: Any) -> None:
    capture, _, tee, following = scene
    following.tell()
    assert capture.told == []
    tee.keep(b"one")
    tee.keep(b"two")
    following.tell()
    (message, body), *_ = capture.told
    assert (message.offset, message.headers, body, [chunk.size for chunk in message.chunks.unpacked()]) == (
        0, HEADERS, b"onetwo", [3, 3],
    )  # fmt: skip
    tee.keep(b"three")
    following.tell()
    assert len(capture.told) == 1  # the first was not acknowledged yet
    capture.acknowledge()
    following.tell()
    message, body = capture.told[-1]
    assert (message.offset, message.headers, body, [chunk.size for chunk in message.chunks.unpacked()]) == (
        6,
        (),
        b"three",
        [5],
    )


async def test_another_writer_is_told_from_the_beginning(scene: Any) -> None:
    capture, _, tee, following = scene
    tee.keep(b"one")
    following.tell()
    capture.acknowledge()
    capture.writer_pid = 2
    tee.keep(b"two")
    following.tell()
    assert [(message.offset, body) for message, body in capture.told] == [(0, b"one"), (0, b"onetwo")]


async def test_what_was_refused_is_told_from_the_beginning_after_a_pause(scene: Any) -> None:
    capture, _, tee, following = scene
    tee.keep(b"one")
    for refusals in (1, 2, 3):
        following.tell()
        assert len(capture.told) == refusals
        capture.refuse(maybe=False)
        for _ in range(2**refusals):
            following.tell()
            assert len(capture.told) == refusals
    following.tell()
    assert [message.offset for message, _ in capture.told] == [0] * 4


async def test_what_ends_writers_is_let_alone(scene: Any) -> None:
    capture, _, tee, following = scene
    for _ in range(100):
        tee.keep(b"x")
        following.tell()
        if not capture.futures[-1].done():
            capture.refuse(maybe=True)
    assert len(capture.told) == MOST_DEATHS


async def test_what_is_over_is_told_no_more(scene: Any) -> None:
    capture, exchange, tee, following = scene
    tee.keep(b"x")
    exchange.is_under_way = False
    following.tell()
    assert capture.told == []
    assert following._answers == []


async def test_a_writer_that_has_much_to_do_is_spared(scene: Any) -> None:
    capture, _, tee, following = scene
    capture.is_idle = False
    tee.keep(b"x")
    following.tell()
    assert capture.told == []


async def test_progress_is_not_sent_again_and_tells_nothing_about_the_store(stable: Stable, started: Any) -> None:
    capture, writer = await started()
    progress = Progress(id="a", target=OPEN.target, status=200, headers=(), chunks=Chunks(), offset=0)
    capture.post(note(1))
    await writer.sent.get()
    writer.acknowledge(error="disk is full")
    told = capture.offer(progress, [b"x"])
    assert await writer.sent.get() == progress
    writer.acknowledge()
    await told
    assert writer.sent.empty()  # the note waits for something that was written
    lost = capture.offer(progress, [b"x"])
    assert await writer.sent.get() == progress
    writer.die()
    second = await stable.writers.get()
    with pytest.raises(UnrecordedError) as caught:
        await lost
    assert caught.value.maybe
    recording = capture.record(note(2))
    assert await second.sent.get() == note(2)
    second.acknowledge()
    await recording


async def test_much_that_waits_is_seen(started: Any) -> None:
    capture, writer = await started()
    assert capture.is_idle
    recording = capture.record(OPEN, [b"x" * MOST_BEFORE_OFFERS])
    await writer.sent.get()
    assert not capture.is_idle
    writer.acknowledge()
    await recording
    assert capture.is_idle
