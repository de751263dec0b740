import base64
import json
import random

import pytest

from recorder.model import Credential
from recorder.redact import Redactor
from recorder.redact.protected import protected_fields, unprotected
from recorder.redact.spans import Rank, Span

NOISE = base64.b64encode(random.Random(4).randbytes(300)).decode()
TEXT = base64.b64encode(b"DB_PASSWORD=Tr0ub4dor!x9\n" * 6).decode()

PROTECTED = [
    {"type": "thinking", "thinking": "", "signature": NOISE},
    {"type": "redacted_thinking", "data": NOISE},
    {"data": NOISE, "type": "redacted_thinking"},
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": NOISE}},
    {"type": "web_search_result", "encrypted_content": NOISE},
]
NOT_PROTECTED = [
    {"type": "thinking", "signature": TEXT},
    {"type": "text", "data": NOISE},
    {"type": "text", "text": NOISE},
    {"type": "thinking", "signature": NOISE[:40]},
    {"type": "thinking", "signature": NOISE[:60] + "-" + NOISE[60:]},
]


def span_in(raw: bytes, value: str, rank: Rank) -> Span:
    start = raw.index(value.encode()) + 2
    return Span(start, start + 20, "k", b"x" * 20, rank)


def value_of(block: dict[str, object]) -> str:
    inner = block.get("source", block)
    assert isinstance(inner, dict)
    return max((str(value) for value in inner.values()), key=len)


@pytest.mark.parametrize("block", PROTECTED)
def test_fields_that_must_stay(shared: Redactor, block: dict[str, object]) -> None:
    raw = json.dumps({"content": [block]}).encode()
    fields = protected_fields(raw)
    assert unprotected(fields, [span_in(raw, value_of(block), Rank.ENGINE)]) == []
    assert unprotected(fields, [span_in(raw, value_of(block), Rank.KNOWN)]) != []
    assert shared.json(raw).value == raw


@pytest.mark.parametrize("block", NOT_PROTECTED)
def test_other_fields_and_shapes_are_not_protected(block: dict[str, object]) -> None:
    assert protected_fields(json.dumps({"content": [block]}).encode()) == []


def test_known_values_go_even_from_a_signature(redactor: Redactor) -> None:
    redactor.learn(Credential("api-key", NOISE[40:80]))
    raw = json.dumps({"type": "thinking", "signature": NOISE}).encode()
    assert NOISE[40:80].encode() not in redactor.json(raw).value
