"""The load must find every byte and every time, however the answer was cut on its way."""

import pytest

from tests.bench.answers import STAMP, dechunk, delays_ms, stream, unstamped


@pytest.mark.parametrize("events", [6, 25, 205])
def test_a_stream_has_as_many_events_as_asked(events: int) -> None:
    assert stream(events).plain.count(b"\ndata: ") == events


def test_dechunk_joins_and_does_not_take_less() -> None:
    framed = stream(8).framed
    assert dechunk(b"3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n") == b"abc0123456789"
    with pytest.raises(ValueError, match="not found"):
        dechunk(framed[:-5])


@pytest.mark.parametrize("cut", range(70))
def test_delays_are_found_wherever_the_bytes_are_cut(cut: int) -> None:
    sent = b"x%020d y%020d" % (2_000_000, 5_000_000)
    arrivals = [(1_000_000, b"HTTP/1.1"), (7_000_000, sent[:cut]), (9_000_000, sent[cut:])]
    first, second = (7 if cut >= end else 9 for end in (21, 43))
    assert delays_ms(arrivals) == [first - 2, second - 5]


def test_what_was_sent_before_the_answer_began_to_arrive_is_no_delay() -> None:
    assert delays_ms([(5_000_000, b"%020d" % 4_000_000), (7_000_000, b"%020d" % 6_000_000)]) == [1.0]


def test_unstamped_compares_all_but_times() -> None:
    plain = stream(6).plain
    stamped = plain.replace(STAMP, b"%020d" % 123)
    assert stamped != plain
    assert unstamped(stamped) == plain
