import random
import re

import pytest

from recorder.redact.stretches import HEX_DIGITS, Alphabet


@pytest.mark.parametrize("text", [b"", b"abc", b"abcd", b" abcd", b"abcd ", b"xx abcdef abc abcdabcd-", b"abcd" * 50])
def test_stretches_are_whole_and_long_enough(text: bytes) -> None:
    expected = [match.span() for match in re.finditer(rb"[a-f]{4,}", text)]
    assert list(Alphabet(b"abcdef", 4).stretches(text)) == expected


def test_stretches_of_random_texts_are_those_of_a_regular_expression() -> None:
    rng = random.Random(3)
    alphabet = Alphabet(HEX_DIGITS, 5)
    for _ in range(500):
        text = bytes(rng.choices(b"0aF-", weights=(3, 3, 3, 1), k=rng.randrange(120)))
        assert list(alphabet.stretches(text)) == [match.span() for match in re.finditer(rb"[0-9a-fA-F]{5,}", text)]
