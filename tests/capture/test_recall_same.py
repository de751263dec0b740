"""A body that is recalled and one that is not are the same on the record: rows, redacted contents, findings."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.capture import recall as module
from recorder.capture.desk import Desk
from recorder.capture.recall import Recalled
from recorder.store.blocks import Contents
from recorder.store.database import open_reader
from tests.capture.test_desk import opening
from tests.redaction.dice import ALNUM, Dice
from tests.support.desk import greeting, seated
from tests.support.requests import message

DICE = Dice("recalled")
TOKENS = ["gh" + "p_" + DICE.chars(ALNUM, 36) for _ in range(3)]
TEXTS = [
    "plain words",
    f"export TOKEN={TOKENS[0]}",
    f"{TOKENS[1]} and {TOKENS[1]}",
    f"password: Tr0ub4dor!{DICE.chars(ALNUM, 6)}",
    f"half of one: {TOKENS[2][:20]}",
    f"{TOKENS[2][20:]} is the other half",
]
# Without what is random (salts, and what is made of them) and the store's own bookkeeping.
TABLES = {
    "interactions": "*",
    "parts": "id, digest, kind, role, bytes",
    "chains": "id, parent, part, lead, position",
    "secrets": "*",
    "findings": "*",
    "tool_calls": "*",
    "cleared": "*",
}

type Turn = tuple[int, list[str], bool, str | None]
"""How many messages of the turn before go on, what is new, whether the last has a cache mark, a credential."""

turns = st.lists(
    st.tuples(
        st.integers(0, 8),
        st.lists(st.sampled_from(TEXTS), max_size=3),
        st.booleans(),
        st.none() | st.sampled_from([f"corp-{DICE.chars(ALNUM, 20)}", TOKENS[1]]),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk, Path, list[bool]]]:
    """A desk that recalls and one that does not, with the same keys; and what the first one recalled."""
    folder = tmp_path_factory.mktemp("recalled")
    config = str(folder / "config")
    recalled: list[bool] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_TELLING_BYTES", 8)
        one = seated(greeting(folder, db=str(folder / "with.db"), config_dir=config))
        other = seated(greeting(folder, db=str(folder / "without.db"), config_dir=config))
        _watch(one, lambda seen: recalled.append(seen.beginning is not None) or seen)  # type: ignore[func-returns-value]
        _watch(other, lambda seen: msgspec.structs.replace(seen, beginning=None))
        yield one, other, folder, recalled


def _watch(desk: Desk, change: Callable[[Recalled], Recalled]) -> None:
    recall = desk._shelf.recall
    look = recall.look
    recall.look = lambda *given: change(look(*given))  # type: ignore[method-assign]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=turns)
def test_recalled_or_not_the_record_is_the_same(
    desks: tuple[Desk, Desk, Path, list[bool]], sequence: list[Turn]
) -> None:
    one, other, folder, recalled = desks
    said: list[dict[str, Any]] = []
    for kept, new, mark, credential in sequence:
        said = [*said[:kept], *({"role": "user", "content": [{"type": "text", "text": text}]} for text in new)]
        messages = [*said[:-1], _marked(said[-1])] if said and mark else said
        name = f"turn-{len(recalled):05d}"
        more = {"x-api-key": credential} if credential else {}
        for desk in (one, other):
            (ack,) = desk.take([opening(name, message("") | {"messages": messages}, **more)])
            assert ack.error is None
    assert _rows(folder / "with.db") == _rows(folder / "without.db")


def test_something_was_recalled(desks: tuple[Desk, Desk, Path, list[bool]]) -> None:
    one, other, _, recalled = desks
    for count in (3, 4):
        said = [{"role": "user", "content": [{"type": "text", "text": text}]} for text in TEXTS[:count]]
        for desk in (one, other):
            desk.take([opening(f"last-{count}", message("") | {"messages": said})])
    assert recalled[-1]


def _marked(last: dict[str, Any]) -> dict[str, Any]:
    (block,) = last["content"]
    return last | {"content": [block | {"cache_control": {"type": "ephemeral"}}]}


def _rows(path: Path) -> dict[str, list[Any]]:
    with open_reader(path) as database:
        rows = {table: list(database.execute(f"SELECT {what} FROM {table}")) for table, what in TABLES.items()}
        rows["contents"] = [content for _, content in Contents(database).every()]
    return rows
