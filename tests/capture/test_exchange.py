"""Log before answer, and what each policy does when it cannot be had."""

import asyncio
from collections.abc import Sequence

import pytest

from recorder.capture.exchange import Exchange, Outbound
from recorder.capture.messages import Ack, Chunks, Close, Note, Open, Target
from recorder.capture.outcome import Outcome
from recorder.capture.waiting import UnrecordedError
from recorder.model import OutboundSecret

TARGET = Target(method="POST", scheme="https", host="h", port=443, path="/v1/messages")
OPEN = Open(id="a", at_us=1, target=TARGET, headers=(), wire_bytes=2)
CLOSE = Close(id="a", started_us=1, target=TARGET, outcome="answered", duration_us=1)


class FakeCapture:
    """Records what it is given; `open_error` and `close_error` say what happens to it."""

    def __init__(self, open_error: UnrecordedError | None = None, close_error: UnrecordedError | None = None) -> None:
        self.errors = {Open: open_error, Close: close_error}
        self.recorded: list[object] = []
        self.posted: list[object] = []
        self.gate = asyncio.Event()
        self.ack = Ack(number=0)

    def record(self, message: object, body: Sequence[bytes] = (), _after: float | None = None) -> asyncio.Future[Ack]:
        return asyncio.Task(self._record(message), loop=asyncio.get_running_loop(), eager_start=True)

    async def _record(self, message: object) -> Ack:
        await self.gate.wait()
        if error := self.errors[type(message)]:
            raise error
        self.recorded.append(message)
        return self.ack

    def post(self, message: object) -> None:
        self.posted.append(message)


def lost(*, maybe: bool) -> UnrecordedError:
    return UnrecordedError("disk is full", maybe=maybe)


async def test_the_answer_waits_for_the_request_and_the_end_for_the_answer() -> None:
    capture = FakeCapture()
    exchange = Exchange(capture, OPEN, b"{}", block=True)
    waiting = asyncio.ensure_future(exchange.opened())
    await asyncio.sleep(0)
    assert not waiting.done()
    capture.gate.set()
    assert await waiting is None
    assert await exchange.closed(CLOSE, []) is None
    assert capture.recorded == [OPEN, CLOSE]
    assert capture.posted == []


@pytest.mark.parametrize("maybe", [True, False])
async def test_block_refuses_once_and_notes_a_gap(maybe: bool) -> None:
    capture = FakeCapture(open_error=lost(maybe=maybe))
    capture.gate.set()
    exchange = Exchange(capture, OPEN, b"{}", block=True)
    assert await exchange.opened() == "disk is full"
    assert await exchange.opened() == "disk is full"
    gap, *rest = capture.posted
    assert isinstance(gap, Note)
    assert (gap.body["policy"], gap.body["side"], gap.body["interaction"]) == ("block", "request", "a")
    # what may yet be recorded as open must not stay so
    assert [message.outcome for message in rest if isinstance(message, Close)] == [Outcome.BLOCKED] * maybe


@pytest.mark.parametrize("maybe", [True, False])
async def test_pass_lets_through_and_notes_a_gap(maybe: bool) -> None:
    capture = FakeCapture(open_error=lost(maybe=maybe))
    capture.gate.set()
    exchange = Exchange(capture, OPEN, b"{}", block=False)
    assert await exchange.opened() is None
    assert await exchange.closed(CLOSE, []) is None
    await asyncio.sleep(0)
    assert [type(message) for message in capture.posted] == [Note]
    assert capture.recorded == [CLOSE] * maybe


async def test_pass_tells_the_end_of_a_late_request_whose_answer_cannot_be_recorded() -> None:
    capture = FakeCapture(open_error=lost(maybe=True), close_error=lost(maybe=False))
    capture.gate.set()
    exchange = Exchange(capture, OPEN, b"{}", block=False)
    assert await exchange.closed(CLOSE, [b"answer"]) is None
    await asyncio.sleep(0)
    _, bare = capture.posted
    assert isinstance(bare, Close)
    assert bare.outcome == Outcome.UNRECORDED


@pytest.mark.parametrize(
    ("block", "refused", "outcome"),
    [(True, "disk is full", Outcome.BLOCKED), (False, None, Outcome.UNRECORDED)],
)
async def test_an_answer_that_cannot_be_recorded(block: bool, refused: str | None, outcome: Outcome) -> None:
    capture = FakeCapture(close_error=lost(maybe=False))
    capture.gate.set()
    exchange = Exchange(capture, OPEN, b"{}", block=block)
    assert await exchange.closed(CLOSE, []) == refused
    gap, bare = capture.posted
    assert isinstance(gap, Note)
    assert gap.body["side"] == "answer"
    assert isinstance(bare, Close)  # the opening gets its end all the same
    assert (bare.outcome, bare.chunks) == (outcome, Chunks())


SECRET = Ack(number=0, outbound=(OutboundSecret("github-pat", "messages[0].content"),))
UNCHECKED = Ack(number=0, unchecked=True)


@pytest.mark.parametrize(
    ("ack", "outbound", "block", "said"),
    [
        (SECRET, "block", True, "github-pat at messages[0].content"),
        (SECRET, "block", False, "github-pat at messages[0].content"),
        (SECRET, "warn", True, None),
        (SECRET, "off", True, None),
        (UNCHECKED, "block", True, "could not be searched"),
        (UNCHECKED, "block", False, None),
        (UNCHECKED, "warn", True, None),
        (Ack(number=0), "block", True, None),
    ],
)
async def test_a_request_with_a_secret_is_refused_where_that_is_asked_for(
    ack: Ack, outbound: Outbound, block: bool, said: str | None
) -> None:
    capture = FakeCapture()
    capture.ack = ack
    capture.gate.set()
    leak = await Exchange(capture, OPEN, b"{}", block=block, outbound=outbound).leak()
    assert (leak is None) if said is None else (said in (leak or ""))


@pytest.mark.parametrize("block", [True, False])
async def test_what_could_not_be_recorded_is_for_on_failure_to_decide(block: bool) -> None:
    capture = FakeCapture(open_error=lost(maybe=False))
    capture.gate.set()
    exchange = Exchange(capture, OPEN, b"{}", block=block, outbound="block")
    assert await exchange.leak() is None
    assert await exchange.opened() == ("disk is full" if block else None)
