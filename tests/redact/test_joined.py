import random

import pytest

from recorder.redact import Redactor
from recorder.redact.joined import joined
from tests.redact.samples import ALNUM, body

RNG = random.Random(11)
LEFT, RIGHT = "gh" + "p_" + body(RNG, ALNUM, 14), body(RNG, ALNUM, 22)


@pytest.mark.parametrize(
    "between",
    [
        '" + "',
        '" . "',
        '"+"',
        '" & "',
        '" .. "',
        '"\n    "',
        '" \\\n    "',
        '" +\n      "',
        '"\n  + "',
        '" + f"',
        "\\\n",
    ],
)
def test_what_is_written_in_pieces_is_one(shared: Redactor, between: str) -> None:
    text = f'x = "{LEFT}{between}{RIGHT}";'
    view = joined(text.encode())
    assert view is not None
    assert (LEFT + RIGHT).encode() in view.text
    safe = shared.text(text).value
    assert LEFT not in safe
    assert RIGHT not in safe
    assert safe.startswith('x = "[REDACTED:github-pat:')


@pytest.mark.parametrize(
    "text",
    [
        'log("it went wrong, " + "try again")',
        '["abcd", "efgh"]',
        '{"abcd": "efgh"}',
        'call("abcd")\nother("efgh")',
        'a = "abcd"\n\nb = "efgh"',
        '"abcd"\n"efgh"\n"ijkl"\n',
        "make all \\\n  install",
    ],
)
def test_sentences_and_lists_are_left_alone(text: str) -> None:
    assert joined(text.encode()) is None


def test_a_span_over_a_joint_is_all_between_its_ends() -> None:
    text = b'x = "abcd" + "efgh"'
    view = joined(text)
    assert view is not None
    start = view.text.index(b"abcdefgh")
    first, last = view.back(start, start + 8)
    assert text[first:last] == b'abcd" + "efgh'
