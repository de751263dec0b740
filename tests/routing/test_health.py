"""The circuit breaker: what sets an upstream aside, for how long, and how it comes back."""

from pathlib import Path

import pytest

from recorder.errors import RecorderError
from recorder.routing.health import Health, Seen, health_path, is_trouble, parse_retry_after, read_health, write_health


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.health = Health(lambda: self.now)


def test_one_failure_sets_it_aside_and_a_trial_that_succeeds_brings_it_back() -> None:
    watch = Watch()
    health = watch.health
    assert health.ranked(["a", "b"]) == ("a", "b")
    change = health.failed("a", "it answered 529")
    assert change is not None
    assert (change.state, change.seconds, change.reason) == ("set aside", 5.0, "it answered 529")
    assert health.ranked(["a", "b"]) == ("b", "a")
    assert health.set_aside() == {"a": ("it answered 529", 5.0)}
    watch.now += 5.0
    assert health.ranked(["a", "b"]) == ("a", "b")
    health.picked("a")
    assert health.ranked(["a", "b"]) == ("b", "a"), "one request tries; the others keep away"
    back = health.succeeded("a")
    assert back is not None
    assert back.state == "in use"
    assert health.ranked(["a", "b"]) == ("a", "b")
    assert health.succeeded("a") is None


def test_a_trial_that_was_not_made_leaves_it_to_the_next_request() -> None:
    watch = Watch()
    watch.health.failed("a", "it answered 529")
    watch.now += 5.0
    watch.health.picked("a")
    watch.health.unsent("a")
    assert watch.health.ranked(["a", "b"]) == ("a", "b")
    watch.health.unsent("never seen")


def test_each_failed_trial_doubles_the_time_up_to_a_bound() -> None:
    watch = Watch()
    seconds = []
    for _ in range(9):
        change = watch.health.failed("a", "it answered 500")
        assert change
        seconds.append(change.seconds)
        watch.now += change.seconds or 0
        watch.health.picked("a")
    assert seconds == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_failures_of_requests_that_were_under_way_count_once() -> None:
    watch = Watch()
    first = [watch.health.failed("a", "it answered 500") for _ in range(20)]
    assert [bool(change) for change in first] == [True] + [False] * 19
    watch.now += 5
    assert watch.health.is_well("a")


@pytest.mark.parametrize(("asked", "seconds"), [(60.0, 60.0), (0.0, 1.0), (99_999.0, 3600.0)])
def test_what_it_asks_for_is_honoured(asked: float, seconds: float) -> None:
    watch = Watch()
    change = watch.health.failed("a", "it answered 429", asked)
    assert change
    assert change.seconds == seconds
    watch.now += seconds - 0.1
    assert not watch.health.is_well("a")


def test_a_longer_wait_that_a_later_answer_asks_for_counts() -> None:
    watch = Watch()
    watch.health.failed("a", "it answered 529")
    change = watch.health.failed("a", "it answered 429", 60.0)
    assert change
    assert change.seconds == 60.0
    assert watch.health.failed("a", "it answered 429", 30.0) is None


def test_when_none_is_well_the_one_that_comes_back_first_is_used() -> None:
    watch = Watch()
    watch.health.failed("a", "it answered 429", 60.0)
    watch.health.failed("b", "it answered 429", 20.0)
    assert watch.health.ranked(["a", "b"]) == ("b", "a")


def test_a_trial_that_nothing_is_heard_of_does_not_block_for_ever() -> None:
    watch = Watch()
    watch.health.failed("a", "it answered 500")
    watch.now += 5
    watch.health.picked("a")
    watch.now += 60
    assert watch.health.is_well("a")


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(200, False), (400, False), (401, False), (404, False), (413, False), (429, True), (500, True), (529, True)],
)
def test_statuses(status: int, *, trouble: bool) -> None:
    assert is_trouble(status) is trouble


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=10.0) == seconds


def test_other_programs_are_told(tmp_path: Path) -> None:
    import os  # noqa: PLC0415

    db = tmp_path / "records.db"
    assert read_health(db) == []
    seen = [Seen(upstream="a", reason="it answered 529", until_utc=1.5)]
    own = health_path(db, os.getpid())
    write_health(own, seen)
    write_health(health_path(db, 2**22 + 1), seen)  # no process has this number
    assert read_health(db) == seen
    write_health(own, [])
    assert read_health(db) == []
    own.write_text("x")
    with pytest.raises(RecorderError, match="is not what a recorder writes"):
        read_health(db)
