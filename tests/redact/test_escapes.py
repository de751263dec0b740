import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.redact.escapes import cleaned, entities_decoded, form_decoded, percent_decoded, unescaped
from recorder.redact.view import View


def text_of(view: View | None) -> bytes:
    assert view is not None
    return view.text


@given(st.text(min_size=1))
def test_backslash_escapes_read_as_json_does(text: str) -> None:
    written = json.dumps(text)[1:-1].encode()
    if b"\\" in written:
        assert text_of(unescaped(written)) == text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"\\x73k", b"sk"),
        (b"\\163k", b"sk"),
        (b"\\u0073k", b"sk"),
        (b"\\u{73}\\x{6b}", b"sk"),
        (b"\\u{1F600}\\u{ffffff}", "😀\\u{ffffff}".encode()),
        (b"\\ud83d\\ude00", "😀".encode()),
        (b"\\ud83d.", b"\xed\xa0\xbd."),
        (b"a\\/b\\qc", b"a/bqc"),
        (b"\\xzz\\uzz\\u{}\\x", b"xzzuzzu{}x"),
        (b"\\xd0\\xbf\\320\\277", "пп".encode()),
    ],
)
def test_other_escapes(source: bytes, expected: bytes) -> None:
    assert text_of(unescaped(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"a\x1b[1;32mb\x1b[0mc", b"abc"),
        (b"a\x1b]8;;http://x\x07b", b"ab"),
        ("s\u200bk\u2060-\ufeffa\u00adn".encode(), b"sk-an"),
        ("".join(chr(ord(char) + 0xFEE0) for char in "sk-1").encode(), b"sk-1"),
        (b"s\x00k", b"sk"),
    ],
)
def test_noise_goes(source: bytes, expected: bytes) -> None:
    assert text_of(cleaned(source)) == expected


def test_percent_and_entities() -> None:
    assert text_of(percent_decoded(b"a%2Fb%zz")) == b"a/b%zz"
    assert text_of(entities_decoded(b"a&amp;b&#115;&#x6B;&nope;")) == b"a&bsk&nope;"


@pytest.mark.parametrize("view", [unescaped, percent_decoded, entities_decoded, cleaned])
def test_plain_text_has_no_view(view: object) -> None:
    assert view(b"nothing to read here") is None  # type: ignore[operator]


def test_what_a_form_sends_is_read() -> None:
    view = form_decoded(b"x?q=password+is%3A+a%2Bb 1+1")
    assert view is not None
    assert view.text == b"x?q=password is: a+b 1+1"
    assert form_decoded(b"a%2Fb 1+1") is None


@given(st.text("\\\\ux{}0123456789abcdefdD89:_ ", max_size=40))
def test_no_escape_fails_to_be_read(text: str) -> None:
    unescaped(text.encode())
