"""One signing key after the other: who is believed, and until when."""

import pytest

from recorder.ledger.checkpoint import Checkpoint
from recorder.ledger.note import SigningKey, VerifierKey
from recorder.ledger.succession import Lineage, Succession, open_succession, succession_note, trust

ONE, TWO, THREE, THIEF = (SigningKey(bytes([number]) * 32) for number in range(4))
AT = "2026-11-25T12:00:00Z"


def step(old: SigningKey, new: SigningKey) -> Succession:
    return Succession(old.public, new.public, AT)


def signed(key: SigningKey, size: int) -> str:
    return Checkpoint("log", size, bytes(32)).signed(key)


def test_the_old_key_names_the_new_one() -> None:
    note = succession_note(ONE, TWO.public, AT)
    assert open_succession(note) == step(ONE, TWO)
    lineage = Lineage(ONE).followed_by(TWO, AT).followed_by(THREE, AT)
    assert lineage.key is THREE
    assert lineage.former == (TWO.public, ONE.public)
    assert [open_succession(note) for note in lineage.since(ONE.public)] == [step(ONE, TWO), step(TWO, THREE)]
    assert [open_succession(note) for note in lineage.since(TWO.public)] == [step(TWO, THREE)]


@pytest.mark.parametrize(
    "note",
    [
        "",
        succession_note(ONE, TWO.public, AT).replace(AT, "2026-11-25T12:00:01Z"),
        ONE.sign(succession_note(TWO, THREE.public, AT).split("\n\n")[0] + "\n", "llm-audit-recorder/succession"),
        ONE.sign("llm-audit-recorder/succession\nAAAA\nAAAA\nnow\n", "llm-audit-recorder/succession"),
        signed(ONE, 3),
    ],
    ids=["nothing", "changed", "another signed it", "no keys", "a checkpoint"],
)
def test_what_no_key_said(note: str) -> None:
    with pytest.raises(ValueError, match=r"succession|fit|note|signed by"):
        open_succession(note)


def names(given: SigningKey, said: list[tuple[int, Succession]], *notes: str) -> dict[bytes, int | None]:
    found = trust([given.verifier("log")], said, notes)
    return {key.public: found.retired.get(key) for key in found.keys}


def test_from_the_first_key_to_the_last() -> None:
    said = [(5, step(ONE, TWO)), (9, step(TWO, THREE))]
    assert names(ONE, said) == {ONE.public: 5, TWO.public: 9, THREE.public: None}
    assert names(ONE, [(5, step(THIEF, TWO))]) == {ONE.public: None}
    assert names(TWO, [(5, step(TWO, THREE)), (4, step(THIEF, ONE))]) == {TWO.public: 5, THREE.public: None}


def test_from_the_last_key_back_only_under_its_own_checkpoint() -> None:
    said = [(5, step(ONE, TWO)), (9, step(TWO, THREE))]
    assert names(THREE, said, signed(THREE, 9)) == {THREE.public: None, TWO.public: 9, ONE.public: 5}
    assert names(THREE, said, signed(THREE, 8)) == {THREE.public: None}
    assert names(THREE, said, signed(THIEF, 9)) == {THREE.public: None}
    assert trust([VerifierKey("log", THREE.public)], [], []).keys == (THREE.verifier("log"),)
