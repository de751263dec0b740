import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.ledger import seen
from recorder.ledger.seen import Seen


@given(st.lists(st.text()), st.lists(st.text()))
def test_it_holds_what_was_added(some: list[str], others: list[str]) -> None:
    held = Seen()
    for text in some:
        held.add(text)
    assert [text in held for text in (*some, *others)] == [text in some for text in (*some, *others)]


def test_what_lies_across_two_hashes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = {"a": b"\0" * 8 + b"12345678", "b": b"\0" * 2 + b"abcdefghijklmn", "c": b"12345678\0\0abcdef"}
    monkeypatch.setattr(seen, "_BUCKETS", 1)
    monkeypatch.setattr(seen, "_digest", digests.__getitem__)
    held = Seen()
    held.add("a")
    held.add("b")
    assert "a" in held
    assert "b" in held
    assert "c" not in held
    held.add("c")
    assert "c" in held
