import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.store.unicode import valid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("ünï 😀\0", "ünï 😀\0"),
        ("\ufeffx", "\ufeffx"),
        ("\ud800", "\ufffd"),
        ("a\udcffb", "a\ufffdb"),
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
    ],
)
def test_valid(text, expected):
    assert valid(text) == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_valid_text_stays(text):
    assert valid(text) == text


@given(st.text(st.characters(categories=["Cs", "L"])))
def test_any_text_becomes_valid(text):
    valid(text).encode()
