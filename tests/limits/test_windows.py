"""What keepers decide at the edges of windows."""

from datetime import datetime
from decimal import Decimal

import pytest

from tests.limits.test_keeper import HOUR_US, budget, kinds


@pytest.mark.parametrize(("window", "later"), [("session", "Refused"), ("2 hours", "Admitted"), ("hour", "Admitted")])
def test_windows(office, window, later):
    keeper = office.keeper(budget(requests=1, window=window))
    first, _ = office.ask(keeper, session="s")
    office.answered(first, 1)
    assert kinds(office.ask(keeper, session="s")[1]) == ["Refused"]
    office.now_us += 2 * HOUR_US + 120_000_000
    assert kinds(office.ask(keeper, session="s")[1]) == [later]
    assert kinds(office.ask(keeper, session="other")[1]) == ["Admitted" if window == "session" else "Waiting"]


def test_a_rate_is_shared_by_recorders(office):
    text = '[[rate]]\nname = "r"\nrequests_per_minute = 2\nstreams = 3\nwait_seconds = 60\n'
    office.alive.add("other")
    keepers = [office.keeper(text), office.keeper(text, "other")]
    assert [office.ask(keepers[number % 2])[1].delay_seconds for number in range(3)] == [0, 0, 30]
    assert kinds(office.ask(keepers[1])[1]) == ["Waiting"], "three are under way"


EDGES = [
    ("hour", "UTC", "2026-11-25T12:59:59+00:00"),
    ("hour", "Europe/Berlin", "2026-10-25T00:59:59+00:00"),
    ("hour", "Asia/Kathmandu", "2026-11-25T12:14:59+00:00"),
    ("day", "Europe/Berlin", "2026-03-29T21:59:59+00:00"),
    ("day", "Europe/Berlin", "2026-10-25T22:59:59+00:00"),
    ("day", "America/Havana", "2026-03-08T04:59:59+00:00"),
    ("week", "Europe/Berlin", "2026-03-29T21:59:59+00:00"),
    ("month", "America/New_York", "2027-01-01T04:59:59+00:00"),
]


@pytest.mark.parametrize(("window", "zone", "last"), EDGES)
def test_the_last_moment_of_a_window_and_the_first_of_the_next(office, window, zone, last):
    """`last`: its last second. What came in it counts in it, whenever it ends."""
    office.now_us = int(datetime.fromisoformat(last).timestamp()) * 1_000_000 + 999_000
    keeper = office.keeper(budget(requests=2, window=window, zone=zone))
    first, _ = office.ask(keeper)
    office.answered(first, 1)
    second, _ = office.ask(keeper)
    late = office.ask(keeper)
    assert kinds(late[1]) == ["Waiting"]
    (standing,) = keeper.standings(office.now_us)
    assert standing.resets_us == office.now_us + 1000
    office.now_us = standing.resets_us
    third, verdict = office.ask(keeper)
    assert kinds(verdict) == ["Admitted"], "of what is under way from before nothing is held in the new one"
    office.answered(second, 1)
    (standing,) = keeper.standings(office.now_us)
    assert (standing.spent, standing.under_way) == (0, 1)
    office.answered(third, 1)
    other = office.keeper(budget(requests=2, window=window, zone=zone))
    for one in (keeper, other):
        (standing,) = one.standings(office.now_us)
        assert standing.spent == 1
        office.now_us -= 1000
        assert kinds(office.ask(one)[1]) == ["Refused"], "a request of the window before, decided about in this one"
        office.now_us += 1000


@pytest.mark.parametrize("window", ["1 hour", "24 hours", "30 days"])
def test_a_rolling_window_has_room_when_it_says_so(office, window):
    keeper = office.keeper(budget(requests=2, window=window))
    for _ in range(2):
        first, _ = office.ask(keeper)
        office.answered(first, 1)
        office.now_us += 7 * 60_000_000
    _, refused = office.ask(keeper)
    assert "It has room again at 2026-" in refused.reason
    standing = keeper.standings(office.now_us)[0]
    resets_us = keeper._books.standing(standing.budget, (), office.now_us, Decimal(1)).resets_us
    office.now_us = resets_us - 1000
    assert kinds(office.ask(keeper)[1]) == ["Refused"]
    office.now_us = resets_us
    assert kinds(office.ask(keeper)[1]) == ["Admitted"]
