"""A recorder that promised signs of life, and gave none."""

import pytest

from recorder.ledger.silence import Lives, Silence


def at(minutes: int, seconds: int = 0) -> str:
    return f"2026-11-25T{12 + minutes // 60}:{minutes % 60:02}:{seconds:02}.000Z"


def lives(*minutes: int, heartbeat_s: int | None = 300) -> Lives:
    told = Lives()
    told.begin("r", at(0), heartbeat_s)
    for minute in minutes:
        told.sign("r", at(minute))
    return told


@pytest.mark.parametrize(
    ("minutes", "silences"),
    [
        ((5, 10, 15, 26), []),
        ((5, 17), [Silence("r", at(5), at(17))]),
        ((17, 3, 20), [Silence("r", at(0), at(17))]),
    ],
)
def test_silences(minutes: tuple[int, ...], silences: list[Silence]) -> None:
    assert lives(*minutes).silences == silences
    assert lives(*minutes, heartbeat_s=None).silences == []


def test_a_short_heartbeat_within_ten_minutes() -> None:
    told = lives(heartbeat_s=1)
    told.sign("r", at(1, 3))
    assert told.silences == [Silence("r", at(0), at(1, 3))]


def test_an_end_ends_what_is_expected() -> None:
    told = lives(5)
    assert list(told.until(at(15))) == []
    assert list(told.until(at(17))) == [Silence("r", at(5), None)]
    told.end("r", at(30))
    assert told.silences == [Silence("r", at(5), at(30))]
    told.sign("r", at(59))
    told.sign("another", at(59))
    assert list(told.until(at(100))) == []
    assert len(told.silences) == 1
