"""What keepers decide, over one database, one after the other as the threads of several recorders would."""

import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.limits.decision import Admitted, Refused, Waiting
from recorder.limits.keeper import Keeper
from recorder.model import State, Usage
from recorder.policy.key_budget import parse_key_budget
from recorder.policy.limits import Limits, with_budgets
from recorder.store.reservations import open_reservations
from tests.limits.conftest import START_US, Office

HOUR_US = 3_600_000_000


def budget(**keys: object) -> str:
    given = {"name": "b", "window": "day"} | keys
    lines = [
        f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for name, value in given.items()
    ]
    return "[[budget]]\n" + "\n".join(lines) + "\n"


def kinds(*verdicts: object) -> list[str]:
    return [type(verdict).__name__ for verdict in verdicts]


def test_what_is_held_at_most_is_not_given_twice(office):
    keeper = office.keeper(budget(output_tokens=2500))
    verdicts = [office.ask(keeper)[1] for _ in range(3)]
    assert kinds(*verdicts) == ["Admitted", "Admitted", "Waiting"]
    assert "has no room beside 2 requests under way" in verdicts[2].refused.reason


def test_alone_it_goes_if_it_fits_as_expected(office):
    """The most that it can use does not fit, what is expected does: the limit can be missed by one error."""
    keeper = office.keeper(budget(output_tokens=2500))
    assert kinds(office.ask(keeper, output=32_000)[1]) == ["Admitted"]
    assert kinds(office.ask(keeper, output=100)[1]) == ["Waiting"]


def test_used_up_is_said_at_once(office):
    keeper = office.keeper(budget(output_tokens=2500, warn=[0.5]))
    first, _ = office.ask(keeper)
    office.answered(first, 2500)
    _, verdict = office.ask(keeper)
    assert isinstance(verdict, Refused)
    assert verdict.reason == (
        "Budget 'b' is used up: 2,500 output tokens of 2,500 output tokens spent today. "
        "It starts again at 2026-11-26 00:00 UTC."
    )
    office.now_us += 12 * HOUR_US
    assert kinds(office.ask(keeper)[1]) == ["Admitted"]


def test_requests_without_a_session_share_a_budget_and_are_told_so(office):
    keeper = office.keeper(budget(output_tokens=2500, window="session", each="session"))
    note = "budget b: it names no session, and shares one with all that name none"
    first, verdict = office.ask(keeper)
    assert verdict.notes == (note,)
    office.answered(first, 2500)
    _, refused = office.ask(keeper)
    assert "(session (none))" in refused.reason
    assert refused.reason.endswith("Requests that name no session share it, and it does not begin again.")
    _, named = office.ask(keeper, session="s")
    assert (kinds(named), named.notes) == (["Admitted"], ())


def test_requests_without_a_session_tell_nothing_about_each_other(office):
    """Of a session's next request the beginning is expected in the cache; these have no beginning in common."""
    keeper = office.keeper(budget(usd=100))
    first, _ = office.ask(keeper, size=350_000)
    office.answered(first, 10, usage=Usage(input_tokens=200_000, output_tokens=10), cost_usd="0.2")
    assert office.ask(keeper, size=350_000)[1].expected.input_tokens == 100_000


def test_warnings(office):
    keeper = office.keeper(budget(requests=4, warn=[0.5, 0.75], block=False))
    seen = []
    for _ in range(6):
        interaction, verdict = office.ask(keeper)
        office.answered(interaction, 1)
        seen.append(verdict.notes)
    assert seen[:2] == [(), ()]
    assert seen[2] == ("budget b: 50% of 4 requests spent today",)
    assert seen[4] == ("budget b: 100% of 4 requests used up today",)
    assert seen[5] == ("budget b: 125% of 4 requests used up today",)


def test_each_has_its_own(office):
    keeper = office.keeper(
        budget(requests=1, each=["user", "model"], when={"team": "core"}).replace("'", '"').replace(": ", "=")
    )
    first, _ = office.ask(keeper, user="ann", team="core")
    office.answered(first, 1)
    assert kinds(
        office.ask(keeper, user="ann", team="core")[1],
        office.ask(keeper, user="bob", team="core")[1],
        office.ask(keeper, user="ann", team="core", model="claude-opus-4-6")[1],
        office.ask(keeper, user="ann", team="other")[1],
        office.ask(keeper, team="core")[1],
    ) == ["Refused", "Admitted", "Admitted", "Admitted", "Admitted"]


@pytest.mark.parametrize(
    ("state", "more", "counts"),
    [
        (State.COMPLETE, {}, 10),
        (State.ABORTED, {}, 1000),
        (State.LOST, {"usage": None, "cost_usd": None}, 1000),
        (State.FAILED, {"usage": None, "cost_usd": None}, 0),
        (State.FAILED, {"reason": "connect_failed", "usage": None, "cost_usd": None}, 0),
        (State.BLOCKED, {"reason": "outbound_secret", "usage": None, "cost_usd": None}, 0),
    ],
)
def test_how_it_ended_says_what_counts(office, state, more, counts):
    keeper = office.keeper(budget(output_tokens=100_000, block=False, warn=[0.00001]))
    first, _ = office.ask(keeper)
    office.answered(first, 10, state, **more)
    assert office.held() == 0
    (only,) = keeper.standings(office.now_us)
    assert (only.spent, only.reserved) == (counts, 0)


def test_what_was_before_the_budget_counts(office):
    old = office.keeper(budget(requests=9))
    first, _ = office.ask(old)
    office.answered(first, 700)
    keeper = office.keeper(budget(output_tokens=700))
    assert kinds(office.ask(keeper)[1]) == ["Refused"]


def test_of_keys(office):
    keeper = office.keeper(budget(requests=1, window="total", each="key"))
    for who in ({"key": "k1"}, {"key": "k2"}, {}):
        first, verdict = office.ask(keeper, **who)
        assert kinds(verdict) == ["Admitted"]
        office.answered(first, 1)
        assert kinds(office.ask(keeper, **who)[1]) == ["Refused"]
    office.now_us += 9000 * HOUR_US
    _, refused = office.ask(
        office.keeper(budget(requests=1, window="total", when={"key": "k1"}).replace(": ", "=")), key="k1"
    )
    assert refused.reason == "Budget 'b' is used up: 1 requests of 1 requests spent in total. It does not begin again."
    with_keys = Keeper(open_reservations(office.path), key=b"k" * 32, run_id="run", names={}, is_alive=bool)
    with_keys.configure(with_budgets(Limits(), (parse_key_budget("1 request", "k2", "ann"),)))
    office.keepers.append(with_keys)
    assert office.ask(with_keys, key="k2")[1].reason.startswith("Budget 'key k2 of ann' is used up")
    assert kinds(office.ask(with_keys, key="k3")[1], office.ask(with_keys)[1]) == ["Admitted"] * 2
    (standing,) = with_keys.standings(office.now_us)
    assert (standing.spent, standing.under_way) == (1, 0)


def test_a_budget_that_is_called_otherwise_is_the_same(office):
    """What requests under way hold of it is known by what it counts, whatever its name and its limit are by then."""
    keeper = office.keeper(budget(output_tokens=2500))
    first, _ = office.ask(keeper, output=2000)
    keeper = office.keeper(budget(name="other", output_tokens=2600))
    (standing,) = keeper.standings(office.now_us)
    assert (standing.reserved, standing.under_way) == (2000, 1)
    assert kinds(office.ask(keeper)[1]) == ["Waiting"]
    office.answered(first, 100)
    assert kinds(office.ask(keeper)[1]) == ["Admitted"]


def test_budgets_that_count_the_same_are_held_once(office):
    keeper = office.keeper(budget(requests=5) + budget(name="c", requests=2))
    verdicts = [office.ask(keeper)[1] for _ in range(3)]
    assert kinds(*verdicts) == ["Admitted", "Admitted", "Waiting"]
    assert office.held() == 2
    assert [standing.under_way for standing in keeper.standings(office.now_us)] == [2, 2]


@pytest.mark.parametrize("limit", [1, 1000])
def test_a_limit_that_is_lowered_below_what_was_spent(office, limit):
    keeper = office.keeper(budget(output_tokens=5000))
    first, _ = office.ask(keeper)
    office.answered(first, 2000)
    second, _ = office.ask(keeper)
    keeper = office.keeper(budget(output_tokens=limit))
    assert kinds(office.ask(keeper)[1]) == ["Refused"]
    office.answered(second, 100)
    (standing,) = keeper.standings(office.now_us)
    assert (standing.spent, standing.left, standing.reserved) == (2100, 0, 0)
    keeper = office.keeper("")
    assert kinds(office.ask(keeper)[1]) == ["Admitted"]


def test_a_run_that_is_gone_holds_nothing_at_most(office):
    other = office.keeper(budget(output_tokens=2500), "other")
    office.alive.add("other")
    office.ask(other, output=2000)
    keeper = office.keeper(budget(output_tokens=2500))
    assert kinds(office.ask(keeper)[1]) == ["Waiting"]
    office.alive.remove("other")
    assert kinds(office.ask(keeper, output=1500)[1]) == ["Admitted"]
    (standing,) = keeper.standings(office.now_us)
    assert standing.spent == 1000, "what was expected of the request that nobody knows more of"


def test_without_a_record_the_expected_stays_spent(office):
    keeper = office.keeper(budget(output_tokens=2500))
    first, _ = office.ask(keeper, output=2000)
    keeper.end(first)
    (standing,) = keeper.standings(office.now_us)
    assert (standing.spent, standing.reserved, standing.under_way) == (1000, 0, 0)


def test_what_was_not_sent_is_given_back(office):
    keeper = office.keeper('[[rate]]\nname = "r"\nrequests_per_minute = 1\nstreams = 1\nwait_seconds = 0\n')
    first, verdict = office.ask(keeper)
    assert kinds(verdict) == ["Admitted"]
    assert kinds(office.ask(keeper)[1]) == ["Refused"]
    keeper.release(first)
    assert kinds(office.ask(keeper)[1]) == ["Admitted"]


def test_tokens_that_were_not_used_are_given_back(office):
    keeper = office.keeper('[[rate]]\nname = "r"\noutput_tokens_per_minute = 1000\nwait_seconds = 0\n')
    first, _ = office.ask(keeper)
    _, refused = office.ask(keeper)
    assert (kinds(refused), refused.retry_seconds) == (["Refused"], 60)
    office.answered(first, 100)
    second, verdict = office.ask(keeper, output=100)
    assert kinds(verdict) == ["Admitted"]
    office.answered(second, 5000)
    _, refused = office.ask(keeper, output=100)
    assert refused.retry_seconds > 240, "what was used beyond what was expected is paid back"


def test_who_waits_holds_its_place(office):
    keeper = office.keeper('[[rate]]\nname = "r"\nrequests_per_minute = 2\nwait_seconds = 60\n')
    delays = [office.ask(keeper)[1].delay_seconds for _ in range(4)]
    assert delays == [0, 0, 30, 60]
    _, refused = office.ask(keeper)
    assert (refused.reason, refused.retry_seconds) == (
        "Rate 'r' allows 2 requests a minute; try again in 90 s.",
        90,
    )


def test_a_refusal_takes_nothing(office):
    keeper = office.keeper(budget(requests=1) + '[[rate]]\nname = "r"\nrequests_per_minute = 2\nwait_seconds = 0\n')
    first, _ = office.ask(keeper)
    office.answered(first, 1)
    assert kinds(*(office.ask(keeper)[1] for _ in range(5))) == ["Refused"] * 5
    office.keeper("")
    other = office.keeper('[[rate]]\nname = "r"\nrequests_per_minute = 2\nwait_seconds = 0\n')
    assert kinds(office.ask(other)[1], office.ask(other)[1]) == ["Admitted", "Refused"]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 2), st.integers(1, 900)),
        st.tuples(st.just("end"), st.integers(0, 50), st.integers(0, 900)),
        st.tuples(st.just("abort"), st.integers(0, 50), st.integers(0, 900)),
        st.tuples(st.just("lose"), st.integers(0, 50), st.just(0)),
        st.tuples(st.just("restart"), st.integers(0, 2), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS, st.integers(1, 4000))
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
def test_several_recorders_never_overshoot_and_sum_up_exactly(steps, limit):
    """Whatever happens in whatever order: no more is spent than the limit and what one request was expected wrongly."""
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder))
        office.alive |= {"0", "1", "2"}
        text = budget(output_tokens=limit)
        keepers = [office.keeper(text, str(number)) for number in range(3)]
        under_way: dict[str, tuple[int, int]] = {}
        total = worst = Decimal(0)
        for what, number, amount in steps:
            office.now_us += 1000
            if what == "ask":
                interaction, verdict = office.ask(keepers[number], output=amount)
                if isinstance(verdict, Admitted):
                    under_way[interaction] = amount, verdict.expected.output_tokens
            elif what == "restart":
                keepers[number] = office.keeper(text, str(number))
            elif under_way:
                interaction = sorted(under_way)[number % len(under_way)]
                most, expected = under_way.pop(interaction)
                used = min(amount, most)
                worst = max(worst, Decimal(used - expected))
                if what == "lose":
                    keepers[0].end(interaction)
                    total += expected
                else:
                    office.answered(interaction, used, State.COMPLETE if what == "end" else State.ABORTED)
                    total += used if what == "end" else max(used, expected)
            for keeper in keepers:
                for standing in keeper.standings(office.now_us):
                    assert standing.spent == total <= limit + worst
                    assert standing.under_way == len(under_way)
                    assert standing.left >= 0
        assert office.now_us > START_US or not steps
        office.close()


def test_waiting_says_why(office):
    keeper = office.keeper('[[rate]]\nname = "two"\nstreams = 1\nwait_seconds = 7\n')
    office.ask(keeper)
    _, verdict = office.ask(keeper)
    assert isinstance(verdict, Waiting)
    assert (verdict.reason, verdict.patience_seconds, verdict.refused.retry_seconds) == ("rate two", 7, 5)
