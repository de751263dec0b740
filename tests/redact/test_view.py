import itertools
import random
import re

from hypothesis import given
from hypothesis import strategies as st

from recorder.redact.view import substitute


def test_a_view_takes_the_lines_that_hold_a_token() -> None:
    source = b"first\nab%41cd\nthird\n%42"
    view = substitute(source, [(8, 11, b"A"), (20, 23, b"B")])
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
        (m.start(), m.end(), bytes.fromhex(m.group()[1:].decode())) for m in re.finditer(rb"%[0-9a-f]{2}", source)
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


def test_of_a_very_long_line_only_what_is_near_a_token_is_read_again() -> None:
    words = b"word " * 10_000
    source = b"first\n" + words + b"a%41b " + words + b"%42%43 " + words + b"\nlast"
    tokens = [(match.start(), match.end(), b"X") for match in re.finditer(rb"%..", source)]
    view = substitute(source, tokens)
    assert view is not None
    assert len(view.text) < 20_000
    for read, written in ((b" aXb ", b" a%41b "), (b" XX ", b" %42%43 ")):
        at = view.text.index(read)
        assert view.back(at, at + len(read)) == (source.index(written), source.index(written) + len(written))
        assert b"word " * 300 in view.text[:at]
        assert view.text[at:].count(b"word") > 300


def test_tokens_near_each_other_share_one_stretch_of_a_long_line() -> None:
    rng = random.Random(2)
    for _ in range(200):
        gaps = [rng.choice((0, 1, 100, 2000, 2100, 5000, 9000)) for _ in range(6)]
        blank = rng.choice((b"ab ", b"abc", b"a\n"))
        source = b"%41".join((blank * (gap // 3 + 1))[:gap] for gap in gaps)
        tokens = [(match.start(), match.end(), b"") for match in re.finditer(rb"%..", source)]
        view = substitute(source, tokens)
        assert view is not None
        read = [(start, end) for start, end in ((piece[1], piece[2]) for piece in view.pieces) if start < end]
        assert all(one[1] <= other[0] for one, other in itertools.pairwise(read))
        for start, end, _ in tokens:
            before = source[max(0, start - 2048) : start].rpartition(b"\n")[2]
            covered = {at for first, last in read for at in range(first, last)}
            assert covered >= set(range(start - len(before), end))
