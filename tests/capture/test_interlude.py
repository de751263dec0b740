"""Small frames that arrive while a large body is being worked on: durable before it, and nothing of it is lost."""

import itertools
import json
import signal
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from recorder.capture.alarm import Alarm
from recorder.capture.desk import Desk
from recorder.capture.frames import LARGE_BYTES, Frame
from recorder.capture.interlude import MOST_FRAMES, Interlude
from recorder.capture.messages import Ack, Hello, Open, SentOn
from recorder.store.contents import every_content
from recorder.store.database import open_reader
from recorder.store.queries import answer_body, request_body
from tests.capture.test_desk import ANSWER, SECRET, closing, opening, turn
from tests.support.requests import dumps

TEXTS = [f"passage {number}: " + "some words that are new " * 400 for number in range(30)]
LARGE = dumps(turn(*TEXTS))

type Seat = Callable[[list[Frame]], tuple[Desk, list[Ack]]]


@pytest.fixture
def seat(hello: Hello) -> Seat:
    """Give a desk at which these frames arrive when it first looks for some, and the answers to them."""

    def seat_it(waiting: list[Frame]) -> tuple[Desk, list[Ack]]:
        desk, answers = Desk(hello), list[Ack]()

        def arrived(_id: str, most: int) -> list[Frame]:
            taken, waiting[:] = waiting[:most], waiting[most:]
            return taken

        desk.sit_down(arrived, answers.extend)
        clock = itertools.count()
        desk._interlude._clock = lambda: float(next(clock))
        return desk, answers

    return seat_it


def test_what_is_small_is_durable_before_what_is_large(seat: Seat, hello: Hello) -> None:
    desk, answers = seat([opening("small", turn("hi"), 2), closing("small", number=3)])
    acks = desk.take([opening("large", LARGE, 1)])
    assert [(ack.number, ack.error) for ack in [*answers, *acks]] == [(2, None), (3, None), (1, None)]
    assert desk.take([closing("large", number=4)])[0].error is None
    db = open_reader(Path(hello.db))
    assert [name for (name,) in db.execute("SELECT id FROM interactions ORDER BY seq")] == ["small", "large"]
    assert (request_body(db, "small"), answer_body(db, "small")) == (dumps(turn("hi")), ANSWER)
    assert (request_body(db, "large"), answer_body(db, "large")) == (LARGE, ANSWER)


def test_both_may_bring_the_same_parts(seat: Seat, hello: Hello) -> None:
    first = turn(*TEXTS[:3])
    desk, answers = seat([opening("small", first, 2)])
    acks = desk.take([opening("large", LARGE, 1)])
    assert [ack.error for ack in [*answers, *acks]] == [None, None]
    assert desk.take([opening("again", dumps(turn(*TEXTS, "more")), 3)])[0].error is None
    db = open_reader(Path(hello.db))
    bodies = [request_body(db, name) for name in ("small", "large", "again")]
    assert bodies == [dumps(first), LARGE, dumps(turn(*TEXTS, "more"))]


def test_a_large_one_in_another_protocol_keeps_what_both_sides_share(seat: Seat, hello: Hello) -> None:
    desk, answers = seat([])
    waiting = [opening("small", turn("hi"), 2)]
    looks = itertools.count()
    # It comes while what the provider alone was sent is being looked at: the second time after the client's half.
    desk._interlude._take = lambda _id, _most: (
        [waiting.pop()] if waiting and desk._requests._frame and next(looks) else []
    )
    sent = dumps(turn(*TEXTS, "and one for the provider alone"))
    frame = opening("large", LARGE, 1)
    assert isinstance(frame.message, Open)
    message = msgspec.structs.replace(frame.message, sent=SentOn(headers=(), body_bytes=len(sent)))
    acks = desk.take([Frame(1, message, LARGE + sent)])
    assert [(ack.number, ack.error, ack.unchecked) for ack in [*answers, *acks]] == [(2, None, False), (1, None, False)]
    db = open_reader(Path(hello.db))
    assert request_body(db, "large") == LARGE
    assert request_body(db, "large", upstream=True) == sent


def test_a_secret_that_a_small_one_brings_up_goes_from_the_large_one_too(seat: Seat, hello: Hello) -> None:
    body = dumps(turn(f"the word is {SECRET}", *TEXTS, *(text + "." for text in TEXTS)))
    desk, answers = seat([opening("small", turn("hi"), 2, **{"x-api-key": SECRET})])
    clock = itertools.chain([0.0] * 60, itertools.count(1))  # the first texts have been looked at by then
    desk._interlude._clock = lambda: float(next(clock))
    (ack,) = desk.take([opening("large", body, 1)])
    assert (ack.error, ack.learned) == (None, ())
    assert [credential.value for credential in answers[0].learned] == [SECRET]
    db = open_reader(Path(hello.db))
    stored = request_body(db, "large")
    assert b"the word is [REDACTED:" in stored
    assert len(json.loads(stored)["messages"]) == 61
    assert not any(SECRET.encode() in content for _, content in every_content(db))


def test_what_was_learned_with_the_large_one_goes_back_with_it(seat: Seat) -> None:
    desk, answers = seat([opening("small", turn("hi"), 2)])
    (ack,) = desk.take([opening("large", LARGE, 1, **{"x-api-key": SECRET})])
    assert [credential.value for credential in ack.learned] == [SECRET]
    assert answers[0].learned == ()


def test_nobody_goes_first_when_others_are_in_the_batch(seat: Seat) -> None:
    waiting = [opening("small", turn("hi"), 3)]
    desk, answers = seat(waiting)
    acks = desk.take([opening("one", turn("hi"), 1), opening("large", LARGE, 2)])
    assert [ack.error for ack in acks] == [None, None]
    assert (answers, len(waiting)) == ([], 1)


def test_a_pause_is_short_and_seldom() -> None:
    now, asked = [0.0], list[tuple[str, int]]()

    def take(name: str, most: int) -> list[Frame]:
        asked.append((name, most))
        interlude.pause()  # what is served in a pause makes none of its own
        return []

    interlude = Interlude(take, lambda _: None, lambda: now[0])
    interlude.pause()
    with interlude.during(opening("small", b"x"), alone=True):
        now[0] += 1
        interlude.pause()
    assert asked == []
    with interlude.during(opening("large", b"x" * LARGE_BYTES), alone=True):
        interlude.pause()
        assert asked == []
        now[0] += 1
        interlude.pause()
        interlude.pause()
        assert asked == [("large", MOST_FRAMES)]
        interlude.end()
        now[0] += 1
        interlude.pause()
    interlude.pause()
    assert len(asked) == 1


def test_the_alarm_of_the_large_one_goes_on_behind_that_of_a_small_one() -> None:
    before, (around, _) = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    try:
        alarm = Alarm(100)
        with alarm(200_000_000):
            with alarm(0):
                assert 99 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100
            assert 150 < signal.getitimer(signal.ITIMER_REAL)[0] <= 200
        assert around - 60 < signal.getitimer(signal.ITIMER_REAL)[0] <= around
    finally:
        signal.signal(signal.SIGALRM, before)
