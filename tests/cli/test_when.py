from datetime import UTC, datetime, timedelta

import click
import pytest

from recorder.cli.when import parse_when, when

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [("30m", timedelta(minutes=30)), ("2h", timedelta(hours=2)), ("7d", timedelta(days=7)), ("1w", timedelta(weeks=1))],
)
def test_spans_count_from_now(text, ago):
    assert parse_when(text, NOW) == NOW - ago


def test_times_with_a_zone_are_taken_as_they_are():
    assert parse_when("2026-11-23T14:05:00+02:00", NOW) == datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
    assert parse_when("2026-11-23T14:05:00Z", NOW) == datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


def test_times_without_one_are_local():
    assert parse_when("2026-11-23", NOW) == datetime(2026, 11, 23).astimezone()


def test_today_begins_at_local_midnight():
    today = parse_when("today", NOW)
    assert today.astimezone() == today
    assert (today.hour, today.minute, today.date()) == (0, 0, NOW.astimezone().date())
    assert parse_when("yesterday", NOW).date() == NOW.astimezone().date() - timedelta(days=1)


@pytest.mark.parametrize("text", ["", "x", "2", "h", "-2h", "2y", "2026-13-01", "tomorrow", "999999w"])
def test_anything_else_is_an_error_that_says_what_may_be_typed(text):
    with pytest.raises(click.BadParameter, match="try 30m, 2h"):
        when(None, None, text)


def test_nothing_typed():
    assert when(None, None, None) is None
