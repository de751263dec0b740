from collections.abc import Sequence

import pytest

from recorder.redact import growing
from recorder.redact.growing import Growing
from recorder.redact.many import Many


def values(count: int) -> list[bytes]:
    return [b"value-%05d-end" % number for number in range(count)]


def test_each_is_found_as_soon_as_it_is_there() -> None:
    some = Growing()
    assert some.ends(b"anything") == []
    for number, value in enumerate(values(300)):
        text = b"value-00000-end, " + value + b"!"
        before = [] if number == 0 else [(0, 15)]
        assert some.ends(text) == before
        some.add(value)
        assert sorted(some.ends(text)) == sorted({(0, 15), (number, len(text) - 1)})


def test_what_is_known_is_not_compiled_again_with_each_that_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[int] = []

    def counted(numbered: Sequence[tuple[int, bytes]], *, once: bool) -> Many:
        compiled.append(len(numbered))
        return Many(numbered, once=once)

    monkeypatch.setattr(growing, "Many", counted)
    some = Growing()
    for value in values(1000):
        some.add(value)
        some.ends(b"")
    some.ends(b"")
    assert len(compiled) == 1000
    assert sum(compiled) < 100 * 1000  # all anew each time: 500,500
