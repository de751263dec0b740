"""The walk along records: what each disagreement is called, and where it is said to be."""

import pytest

from recorder.ledger.checkpoint import Checkpoint
from recorder.ledger.leaf import leaf_bytes, leaf_hash
from recorder.ledger.merkle import Frontier
from recorder.ledger.note import SigningKey
from recorder.ledger.succession import Trust
from recorder.ledger.verdict import Finding, Findings, Verdict
from recorder.ledger.walk import Claim, Walk, read_claims

ORIGIN = "log"
KEY = SigningKey(bytes(32))
type Row = tuple[int, bytes, bytes, bytes, bytes]


def row(seq: int, body: str = "{}") -> Row:
    leaf = leaf_hash(leaf_bytes(seq, "gap", "2026-11-24T00:00:00.000Z", {}))
    return seq, b"gap", b"2026-11-24T00:00:00.000Z", body.encode(), leaf


ROWS = [row(seq) for seq in range(1, 11)]


def claim(rows: list[Row], place: str = "it") -> Claim:
    frontier = Frontier()
    for *_, leaf in rows:
        frontier.append(leaf)
    return Claim(place, Checkpoint(ORIGIN, frontier.size, frontier.root()))


def false(size: int, place: str = "it") -> Claim:
    return Claim(place, Checkpoint(ORIGIN, size, bytes(32)))


def walked(rows: list[Row], *claims: Claim) -> Findings:
    found = Findings()
    walk = Walk(claims, found)
    for each in rows:
        walk.record(*each)
    walk.finish()
    return found


def texts(found: Findings) -> list[tuple[Verdict, str]]:
    return [(finding.verdict, finding.text) for finding in found.shown]


def test_what_is_whole() -> None:
    assert texts(walked(ROWS, claim(ROWS), claim(ROWS[:4]), claim([]))) == []
    assert texts(walked([], claim([]))) == []


def test_a_record_is_named_once_however_many_checkpoints_follow() -> None:
    rows = [*ROWS[:4], row(5, '{"x":1}'), *ROWS[5:]]
    assert texts(walked(rows, claim(ROWS[:6]), claim(ROWS))) == [
        (Verdict.MODIFIED, "record 5 is not what its leaf hash was made of")
    ]


def test_changed_together_with_its_leaf_the_checkpoints_around_it_are_named() -> None:
    rows = [
        *ROWS[:4],
        (*ROWS[4][:3], b'{"x":1}', leaf_hash(leaf_bytes(5, "gap", "2026-11-24T00:00:00.000Z", {"x": 1}))),
        *ROWS[5:],
    ]
    found = walked(rows, claim(ROWS[:3]), claim(ROWS[:7], "the one"))
    assert texts(found)[0] == (Verdict.MODIFIED, "among records 4 to 7 are some that the one was not signed over")


def test_two_histories() -> None:
    assert texts(walked(ROWS, claim(ROWS), false(6, "the other"))) == [
        (Verdict.FORKED, "the other was signed over other records than the first 6")
    ]


def test_more_than_there_is() -> None:
    assert texts(walked(ROWS[:8], claim(ROWS[:8]), claim(ROWS, "the later one"))) == [
        (Verdict.TRUNCATED, "the later one knows 10 records, there are 8")
    ]


def test_a_hole_is_not_reported_by_every_later_checkpoint() -> None:
    assert texts(walked([*ROWS[:3], *ROWS[5:]], claim(ROWS[:2]), claim(ROWS))) == [(Verdict.MISSING, "records 4 to 5")]


def test_the_last_without_a_signature() -> None:
    assert texts(walked(ROWS, claim(ROWS[:7]))) == [(Verdict.UNSIGNED, "no checkpoint covers records 8 to 10")]
    assert texts(walked(ROWS)) == [(Verdict.UNSIGNED, "no checkpoint covers records 1 to 10")]


@pytest.mark.parametrize("seq", [0, -1, -(2**50)])
def test_numbers_that_none_can_have(seq: int) -> None:
    assert texts(walked([row(seq), *ROWS], claim(ROWS))) == [
        (Verdict.MODIFIED, f"a record has the number {seq}, which none can have")
    ]


@pytest.mark.parametrize("kind", [b'gap","seq":1', b"gap ", b"\xff", b"g\\u0061p"])
def test_no_kind_reaches_over_into_other_members(kind: bytes) -> None:
    seq, _, *rest = ROWS[0]
    assert walked([(seq, kind, *rest)], claim(ROWS[:1])).verdict is Verdict.MODIFIED


def test_findings_are_counted_and_the_first_shown() -> None:
    found = Findings()
    for number in range(1000):
        found.add(Verdict.GAP, str(number))
    found.add(Verdict.FORKED, "one")
    assert found.counts == {Verdict.GAP: 1000, Verdict.FORKED: 1}
    assert len(found.shown) == 21
    assert found.shown[-1] == Finding(Verdict.FORKED, "one")
    assert found.verdict is Verdict.FORKED


def test_verdicts_and_exit_codes_agree_on_what_is_graver() -> None:
    codes = [verdict.exit_code for verdict in Verdict]
    assert codes == sorted(codes, reverse=True)
    assert codes == [17, 16, 15, 14, 13, 12, 11, 10, 0, 0]
    assert Findings().verdict is Verdict.OK


def test_claims() -> None:
    keys = [KEY.verifier(ORIGIN)]
    good = claim(ROWS).checkpoint
    notes = {
        "good": good.signed(KEY),
        "thief": good.signed(SigningKey(bytes(range(32)))),
        "other": Checkpoint("another-log", 3, bytes(32)).signed(KEY),
        "edited": good.signed(KEY).replace("\n10\n", "\n11\n"),
        "no note": "nonsense",
    }
    found = Findings()
    assert read_claims(notes.items(), Trust(tuple(keys)), found) == [Claim("good", good)]
    assert [finding.verdict for finding in found.shown] == [
        Verdict.WRONG_KEY,
        Verdict.FORKED,
        Verdict.MODIFIED,
        Verdict.MODIFIED,
    ]
    assert "log+" in found.shown[0].text
    assert "another-log" in found.shown[1].text
