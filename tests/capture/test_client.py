"""The proxy's half: what it promises while the writer lives, dies, lags and refuses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import msgspec
import pytest

from recorder.capture import client
from recorder.capture.client import MOST_ATTEMPTS, Capture
from recorder.capture.gaps import MOST_NAMED
from recorder.capture.link import Hear, WriterLink
from recorder.capture.messages import Ack, Hello, Message, Note, Open, Target
from recorder.capture.waiting import MOST_DEATHS, UnrecordedError
from recorder.errors import StoreError
from recorder.model import Credential

HELLO = Hello(db="x", run_id="r", config_dir="c", cache_dir="d", started_us=0, version="0", on_failure="block")
TARGET = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path="/v1/messages")
OPEN = Open(id="a", at_us=1, target=TARGET, headers=(), wire_bytes=4)
CREDENTIAL = Credential("anthropic-api", "made up")


def note(number: int) -> Note:
    return Note(kind="gap", at_us=number, body={})


class FakeWriter:
    """Stands in for a writer process: `sent` is what it got, `die` ends it."""

    def __init__(self, welcome: Ack, hear: Hear) -> None:
        self.pid = 1
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.bodies: list[list[bytes]] = []
        self.hello: Hello | None = None
        self._welcome = welcome
        self._hear = hear
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number = 1

    async def send(self, message: Message, body: Sequence[bytes] = (), size: int = 0) -> None:
        if isinstance(message, Hello):
            self.hello = message
            self._say(self._welcome)
        else:
            self.hand(message, body, size)

    def hand(self, message: Message, body: Sequence[bytes], size: int) -> bool:
        assert size == sum(map(len, body))
        self.bodies.append(list(body))
        self.sent.put_nowait(message)
        return True

    async def ended(self) -> None:
        await self._end

    def acknowledge(self, **fields: Any) -> None:
        self._say(Ack(**{"number": self._number} | fields))
        self._number += 1

    def ready(self) -> None:
        self._say(Ack(number=0))

    def _say(self, ack: Ack) -> None:
        try:
            self._hear(ack)
        except Exception as error:  # noqa: BLE001 -- as a link does
            self._end.set_exception(error)

    def die(self) -> None:
        self._end.set_result(None)

    async def end(self) -> None:
        pass

    fate = "was ended by SIGALRM"


class Stable:
    """Hands out fake writers, as `WriterLink.spawn` would."""

    def __init__(self) -> None:
        self.welcome = Ack(number=0)
        self.writers: asyncio.Queue[FakeWriter] = asyncio.Queue()

    async def spawn(self, hear: Hear) -> FakeWriter:
        writer = FakeWriter(self.welcome, hear)
        self.writers.put_nowait(writer)
        return writer


@pytest.fixture
def stable(monkeypatch: pytest.MonkeyPatch) -> Stable:
    stable = Stable()
    monkeypatch.setattr(WriterLink, "spawn", stable.spawn)
    monkeypatch.setattr(client, "RESTART_SECONDS", (0.0,))
    return stable


@pytest.fixture
async def started(stable: Stable) -> AsyncIterator[Callable[..., Any]]:
    captures: list[Capture] = []

    async def start(**settings: Any) -> tuple[Capture, FakeWriter]:
        capture = Capture(HELLO, **settings)
        captures.append(capture)
        await capture.start()
        return capture, await stable.writers.get()

    yield start
    for capture in captures:
        await capture.stop(0)


async def test_a_record_is_durable_when_acknowledged_and_not_before(started: Any) -> None:
    capture, writer = await started()
    recording = capture.record(note(1))
    await writer.sent.get()
    assert not recording.done()
    writer.acknowledge()
    await recording


async def test_a_first_record_waits_for_the_detectors(stable: Stable, started: Any) -> None:
    stable.welcome = Ack(number=0, loading=True)
    capture, writer = await started(wait_seconds=0.01)
    recording = capture.record(note(1))
    await writer.sent.get()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(recording), 0.1)
    writer.ready()
    writer.acknowledge()
    await recording
    with pytest.raises(UnrecordedError, match=r"not durable within 0\.01 s"):
        await capture.record(note(2))


async def test_a_refused_start_says_why(stable: Stable) -> None:
    stable.welcome = Ack(number=0, error="disk is full")
    capture = Capture(HELLO)
    with pytest.raises(StoreError, match="disk is full"):
        await capture.start()
    await capture.stop(0)


async def test_what_a_dead_writer_had_goes_to_the_next_in_order(stable: Stable, started: Any) -> None:
    capture, first = await started()
    recordings = [capture.record(note(number)) for number in range(3)]
    for _ in range(3):
        await first.sent.get()
    first.acknowledge(learned=(CREDENTIAL,))
    await recordings[0]
    first.die()
    second = await stable.writers.get()
    for number in (1, 2):
        assert await second.sent.get() == note(number)
        second.acknowledge()
    assert second.hello
    assert (second.hello.resumed, second.hello.known) == (True, (CREDENTIAL,))
    await asyncio.gather(*recordings)


async def test_what_ends_writers_alone_is_sent_without_its_body_and_then_given_up(stable: Stable, started: Any) -> None:
    capture, writer = await started()
    recording = capture.record(OPEN, [b"body"])
    for attempt in range(MOST_DEATHS):
        assert await writer.sent.get() == OPEN, attempt
        assert writer.bodies[-1] == [b"body"]
        writer.die()
        writer = await stable.writers.get()
    last = await writer.sent.get()
    assert isinstance(last, Open)
    assert last.withhold == "2 writer processes in a row ended over it; the last one was ended by SIGALRM"
    assert writer.bodies[-1] == []
    assert msgspec.structs.replace(last, withhold=None) == OPEN
    writer.die()
    with pytest.raises(UnrecordedError, match="given up") as caught:
        await recording
    assert caught.value.maybe


async def test_what_was_in_flight_goes_out_one_at_a_time(stable: Stable, started: Any) -> None:
    capture, writer = await started()
    recordings = [capture.record(note(number)) for number in range(3)]
    for _ in range(3):
        await writer.sent.get()
    writer.die()
    writer = await stable.writers.get()
    recordings.append(capture.record(note(3)))
    for number in range(4):
        assert await writer.sent.get() == note(number)
        assert next(reversed(capture._sent.values())).message == note(number)
        assert len(capture._sent) == 1
        assert writer.sent.empty()
        writer.acknowledge()
    await asyncio.gather(*recordings)


async def test_what_was_in_flight_beside_others_is_not_blamed(stable: Stable, started: Any) -> None:
    capture, writer = await started()
    recordings = [capture.record(message) for message in (OPEN, note(1))]
    for _ in range(2):
        await writer.sent.get()
    for _ in range(MOST_DEATHS):
        writer.die()
        writer = await stable.writers.get()
        assert await writer.sent.get() == OPEN
    writer.acknowledge()
    assert await writer.sent.get() == note(1)
    writer.acknowledge()
    await asyncio.gather(*recordings)


async def test_a_refused_frame_is_unrecorded_and_unhealthy_until_the_next_success(started: Any) -> None:
    capture, writer = await started()
    assert capture.healthy
    recording = capture.record(note(1))
    await writer.sent.get()
    writer.acknowledge(error="disk is full")
    with pytest.raises(UnrecordedError, match="disk is full"):
        await recording
    assert not capture.healthy
    recording = capture.record(note(2))
    await writer.sent.get()
    writer.acknowledge()
    await recording
    assert capture.healthy


async def test_a_refused_note_that_nobody_waits_for_is_sent_again_after_the_next_success(started: Any) -> None:
    capture, writer = await started()
    capture.post(note(1))
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert await writer.sent.get() == note(1)
        writer.acknowledge(error="disk is full")
        recording = capture.record(note(100 + attempt))
        assert await writer.sent.get() == note(100 + attempt)
        writer.acknowledge()
        await recording
    capture.post(note(2))  # the first one was refused often enough, it is not in between
    assert await writer.sent.get() == note(2)
    writer.acknowledge()


async def test_what_waits_is_bounded_in_bytes(started: Any) -> None:
    capture, writer = await started(pending_bytes=100)
    first = capture.record(note(1), [b"x" * 80])
    await writer.sent.get()
    second = capture.record(note(2), [b"x" * 80])
    small = capture.record(note(3), [b"x" * 20])
    assert await writer.sent.get() == note(3)  # fits beside the first
    assert writer.sent.empty()
    writer.acknowledge()
    assert await writer.sent.get() == note(2)
    writer.acknowledge()
    writer.acknowledge()
    await asyncio.gather(first, second, small)


async def test_a_body_above_the_bound_passes_alone(started: Any) -> None:
    capture, writer = await started(pending_bytes=10)
    recording = capture.record(note(1), [b"x" * 50])
    await writer.sent.get()
    writer.acknowledge()
    await recording


async def test_late_frames_tell_whether_they_may_yet_be_written(started: Any) -> None:
    capture, writer = await started(wait_seconds=0.01, pending_bytes=10)
    with pytest.raises(UnrecordedError, match=r"not durable within 0.01 s") as handed_over:
        await capture.record(note(1), [b"x" * 50])
    with pytest.raises(UnrecordedError) as still_waiting:
        await capture.record(note(2), [b"x"])
    assert (handed_over.value.maybe, still_waiting.value.maybe) == (True, False)
    assert await writer.sent.get() == note(1)
    writer.acknowledge()
    capture.post(note(3))
    assert await writer.sent.get() == note(3)  # note(2) was withdrawn


async def test_a_writer_that_talks_nonsense_is_replaced(stable: Stable, started: Any) -> None:
    capture, first = await started()
    first.acknowledge()  # of nothing that was sent
    second = await stable.writers.get()
    recording = capture.record(note(1))
    assert await second.sent.get() == note(1)
    second.acknowledge()
    await recording


async def test_stop_waits_for_what_is_queued(started: Any) -> None:
    capture, writer = await started()
    capture.post(note(1))
    stopping = asyncio.create_task(capture.stop(60))
    await writer.sent.get()
    assert not stopping.done()
    writer.acknowledge()
    await stopping


async def test_stop_tells_those_who_wait_when_grace_ends(started: Any) -> None:
    capture, writer = await started()
    recording = capture.record(note(1))
    await writer.sent.get()
    await capture.stop(0)
    with pytest.raises(UnrecordedError, match="stopped"):
        await recording


async def test_a_small_frame_may_be_durable_before_a_large_one(started: Any) -> None:
    capture, writer = await started()
    large = capture.record(note(1))
    await writer.sent.get()
    small = capture.record(note(2))
    await writer.sent.get()
    writer.acknowledge(number=2)
    await small
    assert not large.done()
    third = capture.record(note(3))
    await writer.sent.get()
    writer.acknowledge(number=1)
    await large
    assert not third.done()
    writer.acknowledge(number=3)
    await third


async def test_what_is_owed_is_tried_until_the_store_writes_again(started: Any) -> None:
    capture, writer = await started()
    recording = capture.record(note(1))
    await writer.sent.get()
    writer.acknowledge(error="disk is full")
    with pytest.raises(UnrecordedError):
        await recording
    capture.post(note(2))
    for _ in range(2 * MOST_ATTEMPTS):
        assert await writer.sent.get() == note(2)
        writer.acknowledge(error="disk is full")
        while capture._sent:  # noqa: ASYNC110 -- nothing tells of it
            await asyncio.sleep(0)
        assert (capture.healthy, capture.health.reason) == (False, "disk is full")
        capture.probe()
        capture.probe()
    since = capture.health.since_us
    assert await writer.sent.get() == note(2)
    writer.acknowledge()
    while not capture.healthy:  # noqa: ASYNC110 -- nothing tells of it
        await asyncio.sleep(0)
    assert capture.health.reason is None
    assert capture.health.since_us >= since
    assert capture.last_commit_us
    capture.probe()
    assert writer.sent.empty()


def gap(id_: str, at_ms: int) -> Note:
    body = {"interaction": id_, "side": "request", "policy": "block", "reason": f"late by {at_ms} ms"}
    return Note(kind="gap", at_us=1000 * at_ms, body=body)


async def test_gaps_that_come_while_one_is_under_way_are_one(started: Any) -> None:
    capture, writer = await started()
    for number in range(MOST_NAMED + 2):
        capture.post(gap(f"i{number}", number))
    assert await writer.sent.get() == gap("i0", 0)
    assert writer.sent.empty()
    writer.acknowledge()
    first, second = await writer.sent.get(), await writer.sent.get()
    assert first.body == gap("i1", 1).body | {"others": {f"i{n}": n - 1 for n in range(2, MOST_NAMED + 1)}}
    assert second == gap(f"i{MOST_NAMED + 1}", MOST_NAMED + 1)
    assert capture.gaps == MOST_NAMED + 2
    capture.post(gap("x", 9))
    writer.acknowledge()  # not the last of them
    assert writer.sent.empty()
    writer.acknowledge()
    assert await writer.sent.get() == gap("x", 9)
    writer.acknowledge()
    capture.post(gap("y", 9))
    assert await writer.sent.get() == gap("y", 9)
    writer.acknowledge()


async def test_stop_waits_for_gaps_that_are_held(started: Any) -> None:
    capture, writer = await started()
    for id_ in "abc":
        capture.post(gap(id_, 1))
    stopping = asyncio.ensure_future(capture.stop(60))
    await writer.sent.get()
    writer.acknowledge()
    assert (await writer.sent.get()).body["others"] == {"c": 0}
    await asyncio.sleep(0)
    assert not stopping.done()
    writer.acknowledge()
    await stopping


async def test_gaps_that_are_held_outlive_a_writer(stable: Stable, started: Any) -> None:
    capture, writer = await started()
    for id_ in "abc":
        capture.post(gap(id_, 1))
    await writer.sent.get()
    writer.die()
    writer = await stable.writers.get()
    assert await writer.sent.get() == gap("a", 1)
    writer.acknowledge()
    assert (await writer.sent.get()).body["others"] == {"c": 0}
    writer.acknowledge()


async def test_gaps_that_are_owed_are_one(started: Any) -> None:
    capture, writer = await started()
    for number in (1, 2, 3):
        capture.post(gap(f"i{number}", number))
        assert await writer.sent.get() == gap(f"i{number}", number)
        writer.acknowledge(error="disk is full")
    recording = capture.record(note(1))
    await writer.sent.get()
    writer.acknowledge()
    await recording
    again = await writer.sent.get()
    assert again.body == gap("i1", 1).body | {"others": {"i2": 1, "i3": 2}}
    writer.acknowledge()
    assert writer.sent.empty()


async def test_gaps_are_counted(started: Any) -> None:
    capture, writer = await started()
    capture.post(note(1))
    capture.post(Note(kind="stop", at_us=1, body={}))
    assert capture.gaps == 1
    for _ in range(2):
        await writer.sent.get()
        writer.acknowledge()


async def test_what_is_to_go_first_goes_first_and_order_is_kept(started: Any) -> None:
    capture, writer = await started()
    steps: list[str] = []
    opened = capture.record(OPEN, [b"body"], 0)
    asyncio.get_running_loop().call_soon(lambda: steps.append(f"{writer.sent.qsize()} sent"))  # mitmproxy, forwarding
    assert await writer.sent.get() == OPEN
    assert steps == ["0 sent"]
    later = capture.record(note(1), (), 60)
    last = capture.record(note(2))
    assert [await writer.sent.get() for _ in range(2)] == [note(1), note(2)]  # of two the second does not wait
    for _ in range(3):
        writer.acknowledge()
    await asyncio.gather(opened, later, last)
