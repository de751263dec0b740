import random

import pytest

from recorder.redact import Redactor
from recorder.redact.beginnings import find_cut_format
from tests.redact.samples import FORMATS, make

PREFIXED = [
    "anthropic-api-key",
    "github-pat",
    "aws-access-key-id",
    "google-api-key",
    "groq-api-key",
    "slack-token",
    "recorder-key",
]


@pytest.mark.parametrize("kind", [kind for kind in PREFIXED if kind in FORMATS])
def test_a_key_goes_wherever_it_was_cut(kind: str) -> None:
    secret = make(kind).encode()
    for size in range(20, len(secret)):
        span = find_cut_format(b"so it is " + secret[:size])
        assert span is not None
        assert span.value == secret[:size]


@pytest.mark.parametrize(
    "text",
    [b"a key begins with sk-ant-api03-", b"AKIA is a prefix", b"npm_config_registry", b"ghp_", b"ghp_4815 and goes on"],
)
def test_leaves_near_misses(text: bytes) -> None:
    assert find_cut_format(text) is None


def test_a_cut_text_loses_the_beginning_through_every_door(shared: Redactor) -> None:
    begun = "gh" + "p_" + "".join(random.Random(5).choices("abcdefGHIJK0123456789", k=12))
    assert begun not in shared.text(f"take {begun}", cut=True).value
    assert begun.encode() not in shared.bytes_(f"take {begun}".encode(), cut=True).value
    assert begun.encode() not in shared.json(f'{{"text":"take {begun}'.encode(), cut=True).value
    assert begun in shared.text(f"take {begun}").value


@pytest.mark.parametrize("kind", [kind for kind in PREFIXED if kind in FORMATS])
def test_a_whole_key_at_the_end_is_called_what_it_is(shared: Redactor, kind: str) -> None:
    text = f"it is {make(kind)}"
    body = f'{{"text":"{text}'.encode()
    results = (shared.text(text, cut=True), shared.bytes_(text.encode(), cut=True), shared.json(body, cut=True))
    assert [[one.kind for one in result.findings] for result in results] == [[kind]] * 3
