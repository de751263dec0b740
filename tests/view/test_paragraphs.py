from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Group
from rich.text import Text

from recorder.view.paragraphs import Led, Paragraphs, wrap
from tests.view.rendering import render

LINES = st.text(st.sampled_from("ab  c漢é-\U0001f600"), max_size=60)


@given(LINES, st.integers(2, 30))
@example("x" * 25 + " y", 10)
@example("  indented and then long", 10)
@example("ends with blanks" + " " * 20, 16)
@example("", 5)
def test_no_line_is_wider_and_nothing_but_blanks_is_lost(line, width):
    lines = list(wrap(line, width))
    assert all(cell_len(one.rstrip()) <= width for one in lines)
    assert "".join("".join(lines).split()) == "".join(line.split())


@given(LINES, st.integers(2, 30))
def test_as_rich_wraps(line, width):
    assert render(Paragraphs(line), width) == render(Text(line), width)


def test_words_stay_whole_where_they_can():
    assert list(wrap("one two three four", 9)) == ["one two", "three", "four"]
    assert list(wrap("a " + "b" * 12 + " c", 5)) == ["a", "bbbbb", "bbbbb", "bb c"]
    assert list(wrap("as it is", 8)) == ["as it is"]


def test_ten_megabytes_are_laid_out_by_the_line():
    lines = [f"line {number}" for number in range(200_000)]
    shown = render(Paragraphs("\n".join(lines)))
    assert shown.splitlines() == lines


def test_what_is_led():
    bar = Text("| ", end="")
    assert render(Led(Text("a ", end=""), bar, Group(Paragraphs("one\ntwo"), Text("three")))) == "a one\n| two\n| three"
