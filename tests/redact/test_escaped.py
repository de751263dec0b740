import json
import random

import pytest

from recorder.redact.escaped import Escaped, read, steps
from recorder.redact.escapes import JSON_ESCAPE, read_escape
from recorder.redact.view import View, substitute_all, tokens_of

PIECES = ["a", "bc ", "\n", '"', "\\", "é", "😀", "\u2192", "x" * 300, "/", "\t" * 40, "word " * 900]


def content_of(rng: random.Random) -> bytes:
    text = "".join(rng.choices(PIECES, k=rng.randrange(1, 60)))
    content = json.dumps(text, ensure_ascii=rng.random() < 0.5)[1:-1].encode()
    if rng.random() < 0.2:
        content += rng.choice((b"\\ud800", b"\xff", b"\\x41", b"\\", b"\x01"))
    return content


def whole(content: bytes) -> View:
    view = substitute_all(content, tokens_of(JSON_ESCAPE.finditer(content), read_escape))
    return view or View([(content, 0, len(content), True)])


def test_the_way_back_is_that_of_the_whole_content() -> None:
    rng = random.Random(6)
    for _ in range(60):
        content = content_of(rng)
        escaped, expected = Escaped(content), whole(content)
        assert read(content) == expected.text
        for _ in range(40):
            start = rng.randrange(len(expected.text))
            end = min(len(expected.text), start + rng.choice((1, 5, 60, 9000)))
            assert escaped.back(start, end) == expected.back(start, end)


def test_a_long_content_is_read_step_by_step_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(8)
    contents = [content_of(rng) for _ in range(60)] + [b"\x80" * 4000, "→😀é".encode() * 500, b"\\\\" * 900]
    expected = [read(content) for content in contents]
    monkeypatch.setattr("recorder.redact.escaped._STEP_BYTES", 97)
    assert [read(content) for content in contents] == expected
    assert any(len(steps(content)) > 9 for content in contents)


@pytest.mark.parametrize(
    "content", [b"a", b"\\n", b"\\n" * 20_000, b"\\\\" * 20_000, b"\\u2192" * 5_000, b"y" * 50_000]
)
def test_content_of_one_kind(content: bytes) -> None:
    escaped, expected = Escaped(content), whole(content)
    for at in (0, len(expected.text) // 2, len(expected.text) - 1):
        assert escaped.back(at, at + 1) == expected.back(at, at + 1)
