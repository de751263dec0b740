import re

from hypothesis import given
from hypothesis import strategies as st

from recorder.redact.view import Token, substitute


def test_a_view_takes_the_lines_that_hold_a_token() -> None:
    source = b"first\nab%41cd\nthird\n%42"
    view = substitute(source, [Token(8, 11, b"A"), Token(20, 23, b"B")])
    assert view is not None
    assert view.text == b"abAcd\nB"
    assert view.back(1, 4) == (7, 12)
    assert view.back(2, 3) == (8, 11)
    assert view.back(6, 7) == (20, 23)


def test_without_tokens_there_is_no_view() -> None:
    assert substitute(b"abc", []) is None


@given(st.lists(st.sampled_from([b"a", b"bc", b"%41", b"%0a", b"\n", b"-"]), max_size=30), st.data())
def test_back_covers_what_a_stretch_was_read_from(pieces: list[bytes], data: st.DataObject) -> None:
    source = b"".join(pieces)
    tokens = [
        Token(m.start(), m.end(), bytes.fromhex(m.group()[1:].decode())) for m in re.finditer(rb"%[0-9a-f]{2}", source)
    ]
    view = substitute(source, tokens)
    if view is None:
        assert not tokens
        return
    start = data.draw(st.integers(0, len(view.text) - 1))
    line_end = view.text.find(b"\n", start + 1)
    end = data.draw(st.integers(start + 1, line_end if line_end > 0 else len(view.text)))
    begin, finish = view.back(start, end)
    read = re.sub(rb"%([0-9a-f]{2})", lambda m: bytes.fromhex(m.group(1).decode()), source[begin:finish])
    # The gap between two lines that are no neighbours was read from nothing.
    assert view.text[start:end].strip(b"\n") in read
