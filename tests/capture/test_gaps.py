"""Which notes of what could not be recorded become one, and that none of what they name is lost on the way."""

import msgspec
import pytest

from recorder.capture.gaps import MOST_NAMED, gap_note, together
from recorder.capture.messages import Note, Open, Target

TARGET = Target(method="POST", scheme="https", host="h", port=443, path="/v1/messages")
LATE = "not durable within 2.5 s with 1000 bytes waiting; see `recorder doctor`"


def note(id_: str = "a", at_us: int = 5_000, side: str = "request", reason: str = LATE, *, block: bool = True) -> Note:
    return gap_note(Open(id=id_, at_us=at_us, target=TARGET, headers=(), wire_bytes=0), side, reason, block=block)


def joined(*notes: Note) -> Note:
    first, *rest = notes
    for one in rest:
        found = together(first, one)
        assert found is not None
        first = found
    return first


def test_all_are_named_with_their_times() -> None:
    found = joined(note("a", 5_000), note("b", 7_999, reason=LATE.replace("1000", "1e+07")), note("c", 1_000))
    assert found.body == note("a").body | {"others": {"b": 2, "c": -4}}
    assert found.at_us == 5_000


def test_two_that_name_several() -> None:
    found = joined(joined(note("a", 0), note("b", 1_000)), joined(note("c", 10_000), note("d", 12_000)))
    assert found.body["others"] == {"b": 1, "c": 10, "d": 12}


@pytest.mark.parametrize(
    "other",
    [
        note("b", side="answer"),
        note("b", block=False),
        note("b", reason="disk is full"),
        note("a"),
        msgspec.structs.replace(note("b"), kind="stop"),
        Note(kind="gap", at_us=1, body={"interaction": None} | {key: note().body[key] for key in ("side", "policy")}),
    ],
)
def test_what_says_something_else_stays_by_itself(other: Note) -> None:
    assert together(note(), other) is None
    assert together(other, note()) is None


def test_one_note_names_so_many() -> None:
    full = joined(*(note(f"i{number}") for number in range(MOST_NAMED)))
    assert together(full, note("b")) is None
    assert together(note("b"), full) is None
