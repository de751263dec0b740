"""Which interactions carried a secret: those whose lists hold the part, without a row for each."""

from datetime import UTC, datetime

import pytest

from recorder.model import Finding, SafeText, Slot
from recorder.store.queries import find_secrets

ONE, TWO = "aa" * 16, "ab" * 16
FIRST, SECOND = f"[REDACTED:github-pat:{ONE}]", f"[REDACTED:aws-secret:{TWO}]"
FOUND = (Finding("github-pat", ONE), Finding("aws-secret", TWO), Finding("password"))


def carried(places):
    return [(place.kind, place.session_id, [id_ for _, id_ in place.interactions]) for place in places]


@pytest.fixture
def talk(store, make):
    """Five turns; the first message holds one secret, the third another; then a session without either."""
    messages = [FIRST, "b", SECOND, "d", "e"]
    for turn in range(5):
        store.write([make.opened(f"t{turn}", messages[: turn + 1], findings=FOUND), make.closed(f"t{turn}")])
    store.write([make.opened("other", ["b"], session="s2")])


@pytest.mark.usefixtures("talk")
def test_a_secret_counts_for_each_interaction_that_repeats_it(reader):
    first, second = find_secrets(reader)
    assert carried([first, second]) == [
        ("github-pat", "s1", ["t0", "t1", "t2", "t3", "t4"]),
        ("aws-secret", "s1", ["t2", "t3", "t4"]),
    ]
    assert (first.fingerprint, first.source, first.count) == (ONE, "user", 1)
    assert first.interactions[0][0] == "2026-11-23T12:00:00.000Z"


def test_a_session_of_its_own_for_each_that_carries_the_same_part(store, make, reader):
    store.write([make.opened("a", [FIRST], findings=FOUND), make.opened("b", [FIRST, "x"], session=None)])
    assert carried(find_secrets(reader)) == [("github-pat", "s1", ["a"]), ("github-pat", None, ["b"])]


def test_a_message_that_is_said_twice_counts_twice(store, make, reader):
    store.write([make.opened("a", [FIRST, "x", FIRST], findings=FOUND)])
    assert carried(find_secrets(reader)) == [("github-pat", "s1", ["a", "a"])]


def test_system_prompts_answers_headers_and_urls(store, make, reader):
    system = make.links(Slot.SYSTEM, [FIRST])
    store.write([
        make.opened("a", chains={Slot.SYSTEM: system}, findings=FOUND, headers=(("x-api-key", SafeText(SECOND)),)),
        make.opened("b", path=SafeText(f"/?key={FIRST}")),
        make.closed("b", answer=make.part("answer", FIRST), findings=FOUND, anomalies=(SECOND,)),
    ])  # fmt: skip
    found = [(place.source, [id_ for _, id_ in place.interactions]) for place in find_secrets(reader)]
    assert found == [("header", ["a"]), ("system", ["a"]), ("url", ["b"]), ("model", ["b"]), ("note", ["b"])]


def test_a_header_of_many_requests_is_one_place_in_a_session(store, make, reader):
    headers = (("x-api-key", SafeText(SECOND)),)
    for name, session in (("a", "s1"), ("b", "s2"), ("c", "s1")):
        store.write([make.opened(name, headers=headers, session=session, path=SafeText(f"/?key={FIRST}"))])
    assert [(place.source, place.session_id, len(place.interactions)) for place in find_secrets(reader)] == [
        ("header", "s1", 2),
        ("url", "s1", 2),
        ("header", "s2", 1),
        ("url", "s2", 1),
    ]


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"kind": "aws-secret"}, [("aws-secret", ["t2", "t3", "t4"])]),
        ({"kind": "aws"}, []),
        ({"fingerprint": "aa"}, [("github-pat", ["t0", "t1", "t2", "t3", "t4"])]),
        ({"fingerprint": "ac"}, []),
        ({"kind": "github-pat", "fingerprint": "ab"}, []),
        ({"session": "s2"}, []),
        ({"model": "claude-opus-4-6", "kind": "aws-secret"}, [("aws-secret", ["t2", "t3", "t4"])]),
        ({"model": "claude-opus-4-6-20260101", "kind": "aws-secret"}, [("aws-secret", ["t2", "t3", "t4"])]),
        ({"model": "other"}, []),
        (
            {"since": datetime(2026, 11, 23, 12, 0, 6, tzinfo=UTC)},
            [("github-pat", ["t3", "t4"]), ("aws-secret", ["t3", "t4"])],
        ),
        ({"until": datetime(2026, 11, 23, 12, 0, 1, tzinfo=UTC)}, [("github-pat", ["t0"])]),
    ],
)
def test_filters(reader, given, expected):
    assert [(kind, ids) for kind, _, ids in carried(find_secrets(reader, **given))] == expected


@pytest.mark.usefixtures("talk")
def test_rows_do_not_grow_with_the_turns(db):
    assert db["findings"].count == 2
