"""Where something was removed: paths that say nothing of what it was."""

import json

import pytest

from recorder.model import Finding, OutboundSecret, SafeBytes
from recorder.redact import places
from recorder.redact.places import MOST_PLACES

MARK, PRINT = "[REDACTED:github-pat:" + "0a" * 16 + "]", "0a" * 16
FOUND = (Finding("github-pat", PRINT),)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"content": [{"type": "text", "text": f"it is {MARK}."}]}, ".content[0].text"),
        ([1, [MARK]], "[1][0]"),
        (MARK, ""),
        ({"a b": {"key": MARK}}, "[…].key"),
        ({"x": {MARK: 1}}, ".x.(a key)"),
        ({MARK: {"in": MARK}}, ".(a key)"),
    ],
)
def test_places(value: object, place: str) -> None:
    (first, *_) = places(SafeBytes(json.dumps(value).encode()), FOUND)
    assert first == OutboundSecret("github-pat", place)
    assert all("REDACTED" not in one.place for one in places(SafeBytes(json.dumps(value).encode()), FOUND))


def test_a_placeholder_that_was_there_before_is_left_out() -> None:
    assert places(SafeBytes(json.dumps([MARK, "[REDACTED:known]"]).encode()), (Finding("known"),)) == (
        OutboundSecret("known", "[1]"),
    )


def test_what_is_no_json_is_told_without_its_place() -> None:
    assert places(SafeBytes(b"{"), (*FOUND, Finding("allowed"))) == (OutboundSecret("github-pat", ""),)


def test_they_are_bounded() -> None:
    assert len(places(SafeBytes(json.dumps([MARK] * 50).encode()), FOUND)) == MOST_PLACES
