from datetime import timedelta, timezone

import pytest

from recorder.view import figures


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (None, "unknown"),
        ("0", "$0.0000"),
        ("0.0123", "$0.0123"),
        ("0.00004", "<$0.0001"),
        ("0.0000999", "<$0.0001"),
        ("0.0001", "$0.0001"),
        ("1234.56789", "$1,234.5679"),
    ],
)
def test_cost(usd: str | None, shown: str):
    assert figures.cost(usd) == shown


@pytest.mark.parametrize(
    ("usd", "unknown", "shown"),
    [("1.2", 0, "$1.2000"), ("1.2", 2, "$1.2000 + 2 unknown"), ("0", 2, "2 unknown"), (None, 3, "3 unknown")],
)
def test_cost_sum_says_what_it_lacks(usd: str | None, unknown: int, shown: str):
    assert figures.cost_sum(usd, unknown) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "-"),
        (0, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (99_949, "99.9k"),
        (99_950, "100k"),
        (999_499, "999k"),
        (999_500, "1.00M"),
        (12_345_678, "12M"),
    ],
)
def test_short_tokens(count: int | None, shown: str):
    assert figures.short_tokens(count) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, "-"),
        (0.2, "0 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (9_990, "9.99 s"),
        (9_996, "10.0 s"),
        (59_940, "59.9 s"),
        (59_960, "1m 00s"),
        (125_000, "2m 05s"),
        (3_725_000, "1h 02m"),
    ],
)
def test_duration(ms: float | None, shown: str):
    assert figures.duration(ms) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (None, "-"),
        (0, "0 B"),
        (999, "999 B"),
        (1500, "1.5 kB"),
        (999_600, "1.0 MB"),
        (23_400_000, "23 MB"),
        (5_000_000_000, "5.0 GB"),
    ],
)
def test_size(count: int | None, shown: str):
    assert figures.size(count) == shown


def test_times():
    assert figures.times(1, "message") == "1 message"
    assert figures.times(0, "message") == "0 messages"
    assert figures.times(2, "reply", "replies") == "2 replies"


def test_local_time_is_the_zone_s():
    zone = timezone(timedelta(hours=2))
    assert figures.local_time("2026-11-23T22:30:00.123Z", zone) == "2026-11-24 00:30:00"
    assert figures.local_time("2026-11-23T22:30:00.123Z", zone, date=False) == "00:30:00"
    assert figures.local_time(None, zone) == "-"


def test_bar_is_never_invisible_and_never_too_long():
    assert figures.bar(0, 10) == ""
    assert figures.bar(0.0001, 10) == "▏"
    assert figures.bar(0.5, 10) == "█████"
    assert figures.bar(1.5, 10) == "█" * 10


def test_short_ids_stay_apart():
    ids = ["0199aaaa-1111-7000", "0199aaaa-1111-7001", "0299", None]
    short = figures.short_ids(ids)
    assert len(set(short.values())) == 3
    assert all(full.startswith(abbreviated) for full, abbreviated in short.items())
    assert figures.short_ids(["0123456789", "9876543210"]) == {"0123456789": "01234567", "9876543210": "98765432"}


@pytest.mark.parametrize(
    ("values", "line"), [([], ""), ([0, 0], "  "), ([1, 2, 4, 8], "▂▃▅█"), ([0.001, 100, 0], "▁█ "), ([5], "█")]
)
def test_sparkline(values, line):
    assert figures.sparkline(values) == line
