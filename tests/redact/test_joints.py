"""Secrets that are split over two neighbouring strings of a message."""

import json
import random
import re
from collections.abc import Callable

import pytest

from recorder.model import Credential
from recorder.redact import Redactor
from recorder.redact.joints import REACH_BYTES, joints_of
from recorder.redact.literals import Literals
from recorder.redact.pipeline import SURE
from recorder.redact.rules import own_detectors
from tests.redact.samples import make
from tests.redaction.negatives import negatives
from tests.support.redactors import fresh

LEARNED = "opaque-Zz81" + "kLmQ0x9vB/tail44"
TOKEN = make("github-pat")
TELLING = 8


@pytest.fixture(scope="module")
def taught() -> Redactor:
    redactor = fresh()
    redactor.learn(Credential("api-key", LEARNED))
    return redactor


def texts(one: str, other: str) -> object:
    return {"role": "user", "content": [{"type": "text", "text": one}, {"type": "text", "text": other}]}


def text_and_tool_input(one: str, other: str) -> object:
    use = {"type": "tool_use", "id": "toolu_01", "name": "Bash", "input": {"command": other, "timeout": 5}}
    return {"role": "assistant", "content": [{"type": "text", "text": one}, use]}


def thinking_and_text(one: str, other: str) -> object:
    thinking = {"type": "thinking", "thinking": one, "signature": "EqQB" * 40}
    return {"role": "assistant", "content": [thinking, {"type": "text", "text": other}]}


def tool_results(one: str, other: str) -> object:
    content = [{"type": "text", "text": one}, {"type": "text", "text": other}]
    return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_01", "content": content}]}


def two_results(one: str, other: str) -> object:
    results = [{"type": "tool_result", "tool_use_id": f"t{n}", "content": text} for n, text in enumerate((one, other))]
    return {"role": "user", "content": results}


FORMS = [texts, text_and_tool_input, thinking_and_text, tool_results, two_results]


def left_of(secret: str, stored: str) -> list[str]:
    left = re.sub(r"\[REDACTED:[^\]]*\]", "", stored)
    runs = {secret[at : at + TELLING] for at in range(len(secret) - TELLING + 1)}
    return [run for run in runs if run in left]


@pytest.mark.parametrize("secret", [TOKEN, LEARNED], ids=["format", "learned"])
@pytest.mark.parametrize("form", FORMS)
def test_a_secret_that_is_split_goes_wherever_it_is_split(
    taught: Redactor, form: Callable[[str, str], object], secret: str
) -> None:
    for at in range(1, len(secret)):
        raw = json.dumps(form(f"so it is\n{secret[:at]}", f"{secret[at:]}\nand more"), indent=at % 2 or None).encode()
        stored = taught.json(raw).value.decode()
        assert left_of(secret, stored) == [], at
        assert "so it is\\n" in stored
        assert "\\nand more" in stored
        assert '"toolu_01"' in stored or "toolu_01" not in raw.decode()


def test_both_pieces_are_named_by_the_whole(taught: Redactor) -> None:
    (whole,) = taught.text(LEARNED).findings
    redacted = taught.json(json.dumps(texts(f"a {LEARNED[:9]}", f"{LEARNED[9:]} b")).encode())
    assert [(one.kind, one.fingerprint, one.count) for one in redacted.findings] == [(whole.kind, whole.fingerprint, 2)]


def test_a_secret_in_three_pieces_and_in_long_strings(taught: Redactor) -> None:
    blocks = ["x " * 4000 + LEARNED[:8], LEARNED[8:14], LEARNED[14:] + " y" * 4000]
    raw = json.dumps({"content": [{"type": "text", "text": block} for block in blocks]}).encode()
    assert left_of(LEARNED, taught.json(raw).value.decode()) == []


@pytest.mark.parametrize("next_text", ["Then we go on.", "2 files changed", "OK", "README.md is next", "a-b"])
def test_what_follows_a_whole_secret_stays(taught: Redactor, next_text: str) -> None:
    stored = json.loads(taught.json(json.dumps(texts(f"with {TOKEN}", next_text)).encode()).value)
    assert stored["content"][1]["text"] == next_text
    assert stored["content"][0]["text"].startswith("with [REDACTED:github-pat:")


def test_ordinary_neighbours_stay(shared: Redactor) -> None:
    rng = random.Random(4)
    messages = [one.given for one in negatives(4, 10)]
    harmless = [json.loads(given)["content"] for given in messages if shared.json(given).value == given]
    assert len(harmless) > 100
    for _ in range(300):
        blocks = [block for content in rng.sample(harmless, 2) for block in content]
        raw = json.dumps({"role": "assistant", "content": blocks}).encode()
        assert shared.json(raw).value == raw


def test_strings_are_joined_by_their_ends_without_keys_and_names() -> None:
    long = "b" * (REACH_BYTES + 1) + "c" * (REACH_BYTES + 1)
    raw = json.dumps([{"type": "text", "text": "a"}, {"text": long, "id": "i"}, {"text": ""}, {"k": "\n"}]).encode()
    joints = joints_of(Literals(raw))
    assert joints is not None
    assert joints.text == b"a" + b"b" * REACH_BYTES + b"\n" + b"c" * REACH_BYTES + b"\n"
    assert joints_of(Literals(b'{"type":"text","text":"alone"}')) is None
    assert joints_of(Literals(b"")) is None


def test_the_sure_detectors_are_there_by_their_names() -> None:
    assert SURE - {"known", "user-rules"} <= {one.name for one in own_detectors()}
