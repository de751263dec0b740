import json

import pytest

from recorder.model import Credential, SafeText
from recorder.redact import Redactor
from recorder.redact.memory import MOST_CHARS, MOST_TEXTS, Memory
from tests.redact.samples import make

SECRET = "Tr0ub4dor" + "-and-three"


def test_what_is_remembered_is_told_by_kind_until_it_is_forgotten() -> None:
    memory = Memory()
    memory.remember("url", "a", SafeText("b"))
    assert memory.made_of("url", "a") == "b"
    assert memory.made_of("text", "a") is None
    memory.forget()
    assert memory.made_of("url", "a") is None


def test_memory_is_bounded() -> None:
    memory = Memory()
    memory.remember("text", "x" * (MOST_CHARS + 1), SafeText("y"))
    assert memory.made_of("text", "x" * (MOST_CHARS + 1)) is None
    for number in range(MOST_TEXTS + 1):
        memory.remember("text", str(number), SafeText("y"))
    held = [number for number in range(MOST_TEXTS + 1) if memory.made_of("text", str(number))]
    assert held == [MOST_TEXTS]


@pytest.mark.parametrize(
    "look",
    [
        lambda redactor: redactor.text(f"session {SECRET}").value,
        lambda redactor: redactor.url(f"/v1/{SECRET}/messages"),
        lambda redactor: redactor.headers((("User-Agent", f"cli {SECRET}"),))[0][1],
    ],
)
def test_what_was_clean_is_looked_at_again_when_a_secret_is_learned(redactor: Redactor, look) -> None:
    assert SECRET in look(redactor)
    assert SECRET in look(redactor)
    assert redactor.learn(Credential("password", SECRET))
    assert SECRET not in look(redactor)


def test_a_secret_is_reported_every_time(redactor: Redactor) -> None:
    key = make("anthropic-api-key")
    assert redactor.text(key).findings == redactor.text(key).findings != ()


def test_a_credential_header_is_named_alike_every_time_and_apart_from_others(redactor: Redactor) -> None:
    key = make("anthropic-api-key")
    fields = (("x-api-key", key), ("authorization", f"Bearer {key}"), ("x-api-key", "qL7" + "vTz9KdPw2" * 3))
    first, again = redactor.headers(fields), redactor.headers(fields)
    assert first == again
    assert first[0][1] != first[2][1]


def test_what_was_cut_off_is_not_taken_for_what_is_whole(redactor: Redactor) -> None:
    redactor.learn(Credential("password", SECRET))
    beginning = f"it is {SECRET[:-3]}"
    assert redactor.text(beginning).value == beginning
    assert redactor.text(beginning, cut=True).value != beginning


def test_timing_is_what_redaction_makes_of_it_as_json(redactor: Redactor) -> None:
    key = make("anthropic-api-key")
    deltas = [(1, "message_start", None, 0), (2, "text_delta", 0, 20), (3, f"odd {key}", 1, 3), (4, "text_delta", 0, 1)]
    safe = redactor.timing(deltas)
    assert safe == redactor.json(json.dumps(deltas, separators=(",", ":")).encode()).value
    assert key.encode() not in safe
