import json

import msgspec
import pytest

from recorder.wire.jsontext import join_text, parse_json, render_json


@pytest.mark.parametrize("text", ['{"a":[1,2.5,null,true,"ü"]}', '"\\ud83d"', "[123456789012345678901234567890]"])
def test_a_value_survives_parsing_and_rendering(text: str) -> None:
    assert json.loads(render_json(parse_json(text))) == json.loads(text)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"NaN", b"[Infinity]", b"1e999", b'"\xff"', b"\xef\xbb\xbf{}", b"[" * 200_000, b"9" * 10_000]
)
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_raw_json_is_copied() -> None:
    assert render_json({"a": msgspec.Raw(b"1.50 ")}) == b'{"a":1.50 }'
    assert json.loads(render_json({"a": msgspec.Raw(b"1.50"), "b": "\ud83d"})) == {"a": 1.5, "b": "\ud83d"}


def test_halves_of_a_character_are_joined() -> None:
    assert join_text(["a\ud83d", "\ude00b"]) == "a😀b"
    assert join_text(["a\ud83d", "b😀"]) == "a\ud83db😀"
