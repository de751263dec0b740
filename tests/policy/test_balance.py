"""How requests are spread over upstreams that are all well."""

from collections import Counter

from recorder.policy.balance import Balance, ranked

NAMES = ("a", "b", "c")


def test_in_order_the_first_is_first_for_everybody() -> None:
    assert {ranked(NAMES, (1, 1, 1), Balance.ORDER, key) for key in "xyz"} == {NAMES}


def test_a_session_stays_where_it_is() -> None:
    assert len({ranked(NAMES, (1, 1, 1), Balance.SESSION, "s1") for _ in range(9)}) == 1


def test_weights_share_sessions_out() -> None:
    first = Counter(ranked(NAMES, (1, 2, 7), Balance.SESSION, f"session {number}")[0] for number in range(5000))
    assert {name: round(count / 500) for name, count in first.items()} == {"a": 1, "b": 2, "c": 7}


def test_only_the_sessions_of_an_upstream_that_is_gone_move() -> None:
    for number in range(200):
        before = ranked(NAMES, (1, 1, 1), Balance.SESSION, f"{number}")
        after = ranked(NAMES[:2], (1, 1), Balance.SESSION, f"{number}")
        assert after == tuple(name for name in before if name != "c")
