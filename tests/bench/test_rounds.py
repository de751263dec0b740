"""Nobody is always first, nobody has always the same neighbour before, and a run can go on after a stop."""

from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest

from tests.bench import rounds
from tests.bench.__main__ import FULL, Book, named
from tests.bench.arena import Scene
from tests.bench.contestants import BASE, DIRECT, PLAIN, claude_tap, litellm
from tests.bench.growth import conversations
from tests.bench.machine import Layout
from tests.bench.results import Results
from tests.bench.rounds import Rounds, order
from tests.bench.starts import fresh_starts

PEER = litellm(Path("litellm"))


class Someone:
    """A contestant that only has a name."""

    def __init__(self, contestant: Any) -> None:
        self.contestant = contestant
        self.name = contestant.name
        self.port = 9


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """Scenarios that count to one; who is named in what is returned fails with that."""
    failing: dict[str, Exception] = {}

    async def turn(one: Someone, _provider: object, _effort: object) -> dict[str, float]:
        if one.name in failing:
            raise failing[one.name]
        return {"figure": 1.0}

    monkeypatch.setattr(rounds, "SCENARIOS", {"rate": turn, "body 1 MB, 1 at once": turn})
    return failing


def some(*contestants: Any) -> Rounds:
    return Rounds(cast("Any", [Someone(one) for one in contestants]), cast("Any", None), FULL, "")


def test_everyone_has_every_place_as_often_going_forward_as_backward() -> None:
    turns = [order("abcd", number) for number in range(8)]
    assert all(sorted(turn) == list("abcd") for turn in turns)
    for place in range(4):
        assert Counter(turn[place] for turn in turns) == dict.fromkeys("abcd", 2)


async def test_each_round_adds_a_value_and_variants_play_where_they_can_differ(turns: dict[str, Exception]) -> None:
    playing = some(DIRECT, PLAIN)
    samples = await playing.play(1, await playing.play(0, {}))
    assert samples == {
        "rate": {"figure": {DIRECT.name: [1.0, 1.0], PLAIN.name: [1.0, 1.0]}},
        "body 1 MB, 1 at once": {"figure": {DIRECT.name: [1.0, 1.0]}},
    }


async def test_a_peer_that_fails_is_left_out_and_named(turns: dict[str, Exception]) -> None:
    playing = some(DIRECT, PEER)
    before = await playing.play(0, {})
    turns[PEER.name] = AssertionError("what it said")
    samples = await playing.play(1, before)
    assert samples["rate"]["figure"] == {DIRECT.name: [1.0, 1.0]}
    assert [note.partition(",")[0] for note in playing.notes] == ["LiteLLM is left out"]


async def test_a_failure_of_our_own_ends_the_run(turns: dict[str, Exception]) -> None:
    turns[BASE.name] = AssertionError("an answer was changed")
    with pytest.raises(AssertionError, match="was changed"):
        await some(DIRECT, BASE).play(0, {})


def test_a_run_goes_on_from_its_file(tmp_path: Path) -> None:
    path, empty = tmp_path / "new" / "results.json", Results({"seconds": "0"}, ["direct"], 0)
    Book(path, empty, go_on=True).add(rounds=3, samples={"rate": {"figure": {"direct": [1.0]}}})
    assert Book(path, empty, go_on=False).results == empty
    again = Book(path, empty, go_on=True)
    assert (again.results.rounds, again.results.samples["rate"]) == (3, {"figure": {"direct": [1.0]}})
    with pytest.raises(SystemExit, match="other contestants"):
        Book(path, Results({"seconds": "0"}, ["direct", "LiteLLM"], 0), go_on=True)


def test_only_those_named_take_part_in_the_order_of_the_tables() -> None:
    everyone = [DIRECT, BASE, PLAIN]
    assert named(everyone, "") == everyone
    assert named(everyone, "recorder start, plain; direct") == [DIRECT, PLAIN]
    with pytest.raises(SystemExit, match="no nginx; there are direct; mitmdump; recorder start, plain"):
        named(everyone, "nginx")


def test_a_peer_that_was_left_out_stays_out_of_a_run_that_goes_on() -> None:
    everyone = [DIRECT, BASE, PEER]
    assert rounds.present(everyone, {}) == everyone
    assert rounds.present(everyone, {"rate": {"figure": {DIRECT.name: [1.0], BASE.name: [1.0]}}}) == [DIRECT, BASE]
    assert rounds.present(everyone, {"rate": {"figure": {PEER.name: [1.0]}}}) == everyone


def test_only_a_peer_can_be_left_out(tmp_path: Path) -> None:
    book = Book(tmp_path / "results.json", Results({"seconds": "0"}, [], 0), go_on=False)
    book.leave_out(PEER, "the conversation", OSError("gone"))
    assert book.results.notes == ["LiteLLM is left out of the conversation, it failed: OSError"]
    with pytest.raises(OSError, match="gone"):
        book.leave_out(BASE, "the conversation", OSError("gone"))


@pytest.mark.parametrize("part", ["starts", "growth"])
async def test_a_peer_that_fails_in_a_part_that_is_done_once_does_not_end_the_run(tmp_path: Path, part: str) -> None:
    left: list[str] = []

    def leave_out(one: Any, _part: str, _error: BaseException) -> None:
        left.append(one.name)

    peer = claude_tap(tmp_path / "no such program")
    scene = Scene(cast("Any", Someone(DIRECT)), Layout(), tmp_path)
    if part == "starts":
        assert await fresh_starts(scene, [peer], FULL, print, leave_out) == {}
    else:
        assert await conversations(scene, [peer], 1, print, leave_out) == {}
    assert left == [peer.name]
