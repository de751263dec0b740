import json
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from recorder.view.text import clean, clean_line, first_line, json_text

HOSTILE = "ok\x1b[2J\x1b]0;owned\x07\x9b31m\r\x08\x7f\u202etxt.exe\u2066\u200b\ufeff\U000e0041[red]x[/red]\ud800"


def is_unsafe(character: str) -> bool:
    visible_signs = range(0x600, 0x606), range(0x890, 0x892), (0x6DD, 0x70F, 0x8E2, 0x110BD, 0x110CD)
    if ord(character) in (0x200C, 0x200D) or any(ord(character) in known for known in visible_signs):
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def test_shows_what_would_steer_the_terminal():
    shown = clean(HOSTILE)
    assert shown == ("ok␛[2J␛]0;owned␇\\x9b31m␍␈␡\\u202etxt.exe\\u2066\\u200b\\ufeff\\U000e0041[red]x[/red]\\ud800")


def test_every_unsafe_character_of_unicode_is_replaced():
    left = [f"U+{n:04X}" for n in range(sys.maxunicode + 1) if is_unsafe(chr(n)) and chr(n) in clean_line(chr(n))]
    assert left == []


def test_keeps_what_people_write():
    text = "naïve 日本語 שלום 👩‍💻 می‌خواهم ünïcode\nsecond line"
    assert clean(text) == text


def test_newlines_and_tabs():
    assert clean("a\r\nb\tc\n") == "a\nb   c\n"
    assert clean_line("a\r\nb\tc\n") == "a␍␊b␉c␊"


@given(st.text())
def test_a_line_is_one_line(text: str):
    assert len(clean_line(text).splitlines()) <= 1
    assert not any(is_unsafe(c) for c in clean_line(text))


@given(st.text(st.characters()))
def test_json_says_the_same_and_holds_nothing_unsafe(text: str):
    written = json_text({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not any(is_unsafe(c) for c in written if c != "\n")


def test_json_of_hostile_text_survives_a_strict_encoding():
    written = json_text([HOSTILE])
    assert json.loads(written.encode("utf-8")) == [HOSTILE]


def test_first_line_folds_and_cuts():
    assert first_line("  one\n\n two\tthree ", 20) == "one two three"
    assert first_line("one two three", 8) == "one two…"
    assert first_line("x" * 1000, 10) == "x" * 9 + "…"
    assert first_line("a" + " " * 500 + "b", 10).endswith("…")
    assert first_line("anything", 0) == ""
