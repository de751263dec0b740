import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.policy.tables import Table
from recorder.policy.window import Window, parse_window

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "Africa/Cairo",
)
TIMES = st.integers(1_500_000_000, 2_000_000_000).map(lambda seconds: seconds * 1_000_000)


def us(text: str) -> int:
    """Read a time with its zone; its date may be left out for 2026-11-25."""
    return int(datetime.fromisoformat(text if "T" in text else f"2026-11-25T{text}").timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("kind", "zone", "at", "start", "end"),
    [
        ("hour", "UTC", "22:59:59+00:00", "22:00:00+00:00", "23:00:00+00:00"),
        ("hour", "Asia/Kathmandu", "00:20:00+00:00", "00:15:00+00:00", "01:15:00+00:00"),
        ("day", "UTC", "2026-11-25T00:00+00:00", "2026-11-25T00:00+00:00", "2026-11-26T00:00+00:00"),
        ("day", "Europe/Berlin", "2026-11-25T23:30:00+00:00", "2026-11-26T00:00+01:00", "2026-11-27T00:00+01:00"),
        ("day", "Europe/Berlin", "2026-03-29T12:00:00+00:00", "2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("day", "Europe/Berlin", "2026-10-25T12:00:00+00:00", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("day", "America/Havana", "2026-03-08T06:00:00+00:00", "2026-03-08T01:00-04:00", "2026-03-09T00:00-04:00"),
        ("day", "America/Havana", "2026-11-01T05:30:00+00:00", "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"),
        ("day", "Pacific/Apia", "2011-12-31T09:00:00+00:00", "2011-12-31T00:00+14:00", "2012-01-01T00:00+14:00"),
        ("week", "Europe/Berlin", "2026-03-29T23:00:00+00:00", "2026-03-30T00:00+02:00", "2026-04-06T00:00+02:00"),
        ("week", "Europe/Berlin", "2026-03-29T21:59:59+00:00", "2026-03-23T00:00+01:00", "2026-03-30T00:00+02:00"),
        ("month", "America/St_Johns", "2028-03-01T03:29:59+00:00", "2028-02-01T00:00-03:30", "2028-03-01T00:00-03:30"),
        ("week", "UTC", "2026-11-25T10:00:00+00:00", "2026-11-23T00:00+00:00", "2026-11-30T00:00+00:00"),
        ("month", "UTC", "2026-12-31T23:59:59+00:00", "2026-12-01T00:00+00:00", "2027-01-01T00:00+00:00"),
        ("month", "Europe/Rome", "2026-11-30T23:30:00+00:00", "2026-12-01T00:00+01:00", "2027-01-01T00:00+01:00"),
    ],
)  # fmt: skip
def test_calendars(kind, zone, at, start, end):
    window = Window(kind=kind, zone=zone)
    assert (window.start_us(us(at)), window.end_us(us(at))) == (us(start), us(end))


def test_an_hour_that_comes_twice_is_two():
    window = Window(kind="hour", zone="Europe/Berlin")
    one, two = us("2026-10-25T02:30:00+02:00"), us("2026-10-25T02:30:00+01:00")
    assert window.start_us(two) - window.start_us(one) == 3600 * 1_000_000
    assert window.end_us(one) == window.start_us(two)


@given(TIMES, st.sampled_from(("hour", "day", "week", "month")), st.sampled_from(ZONES))
def test_windows_follow_one_another(at, kind, zone):
    window = Window(kind=kind, zone=zone)
    start, end = window.start_us(at), window.end_us(at)
    assert start <= at < end
    assert window.start_us(start) == start
    assert window.start_us(end) == end
    assert window.start_us(end - 1_000_000) == start
    assert datetime.fromtimestamp(start / 1e6, UTC).astimezone(ZoneInfo(zone)).second == 0


@pytest.mark.parametrize("around", ["2026-04-04T15:00+00:00", "2026-10-03T15:30+00:00"])
def test_hours_where_clocks_are_put_by_half_an_hour(around):
    window = Window(kind="hour", zone="Australia/Lord_Howe")
    at, ends = us(around) - 3 * 3600 * 1_000_000, []
    while at < us(around) + 12 * 3600 * 1_000_000:
        assert window.start_us(at) == at
        at = window.end_us(at)
        ends.append(at)
    assert {end % (1800 * 1_000_000) for end in ends} == {0}
    assert max(two - one for one, two in itertools.pairwise(ends)) == 3600 * 1_000_000


@given(TIMES, st.integers(1, 8784))
def test_a_rolling_window_reaches_back(at, hours):
    window = Window(kind="rolling", hours=hours)
    assert 0 <= at - window.length_us - window.start_us(at) < window.step_us


@pytest.mark.parametrize(("text", "hours"), [("1 hour", 1), ("24 hours", 24), ("7 days", 168), ("1 day", 24)])
def test_rolling_ones_are_read(text, hours):
    assert parse_window(Table({"window": text}, ("budget", 1), ("window", "zone"))).hours == hours
