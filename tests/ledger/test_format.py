"""docs/ledger-format.md is true, byte for byte; a change of its values is a change of the ledger's format."""

import json
import re
from pathlib import Path

from recorder.ledger.checkpoint import Checkpoint, origin_of
from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import leaf_bytes, leaf_hash
from recorder.ledger.merkle import Frontier
from recorder.ledger.note import SigningKey
from recorder.ledger.succession import succession_note
from recorder.ledger.verdict import Verdict
from recorder.store.parts import commitment

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "ledger-format.md").read_text(encoding="utf-8")
LEAVES, KEY, NOTE, COMMITMENT, SUCCESSION = re.findall(r"^```\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)
LEAF_TABLE, ROOT_TABLE = (
    re.findall(r"^\| \d \| `([0-9a-f]{64})` \|$", table, re.MULTILINE) for table in DOC.split("## The tree")
)
SECRET = bytes(range(32))
PINNED_END = "yAFHvmq9Yf9WesxtmQU=\n"


def test_leaves() -> None:
    lines = LEAVES.splitlines()
    assert len(lines) == 3
    for line, expected in zip(lines, LEAF_TABLE, strict=True):
        record = json.loads(line)
        leaf = leaf_bytes(record["seq"], record["kind"], record["at_utc"], record["body"])
        assert leaf == line.encode()
        assert leaf_hash(leaf).hex() == expected


def test_roots_and_frontier() -> None:
    frontier, roots = Frontier(), []
    for leaf in LEAF_TABLE:
        frontier.append(bytes.fromhex(leaf))
        roots.append(frontier.root().hex())
    assert roots == ROOT_TABLE
    assert frontier.packed().hex() == ROOT_TABLE[1] + LEAF_TABLE[2]


def test_key_and_checkpoint() -> None:
    key, origin = SigningKey(SECRET), origin_of(bytes.fromhex(LEAF_TABLE[0]))
    assert f"{key.verifier(origin)}\n" == KEY
    assert Checkpoint(origin, 3, bytes.fromhex(ROOT_TABLE[2])).signed(key) == NOTE


def test_commitment() -> None:
    assert commitment(SECRET, b'{"role":"user","content":"hi"}').hex() == COMMITMENT.strip()


def test_succession() -> None:
    new = SigningKey(bytes(range(32, 64)))
    assert succession_note(SigningKey(SECRET), new.public, "2026-11-25T12:00:00Z") == SUCCESSION
    assert SUCCESSION.endswith(PINNED_END)


def test_every_kind_of_event_is_told() -> None:
    halves = {RecordKind.OPENED, RecordKind.CLOSED}
    table = DOC.split("## Records beside interactions")[1].split("## ")[0]
    assert {kind for kind in RecordKind if f"`{kind}`" not in table} == halves


def test_exit_codes() -> None:
    names, codes = DOC.split("the exit code tells it:\n\n")[1].splitlines()[0:3:2]
    table = dict(zip(names.strip("| ").split(" | "), map(int, codes.strip("| ").split(" | ")), strict=True))
    assert table == {verdict.value.removesuffix(" without a record"): verdict.exit_code for verdict in Verdict}


def test_values_are_pinned() -> None:
    # So that document and code cannot drift together.
    assert LEAF_TABLE[2] == "cfd8adc257884cab219985644b69cba5682619fa783406376fdfa1c5158d2aa3"
    assert ROOT_TABLE[2] == "84227b1ecfc25314f7181dae1601a56c0f2256766c4c4ae375cbca0d20fc9b30"
    assert NOTE.endswith("F6nVsiLG+XMFd+uS26n6pSAY+bS31f9TnzVaQsNtmVpsVwUhzmy3rwNwQY=\n")
