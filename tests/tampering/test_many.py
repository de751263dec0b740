"""The long run of edits, a short one of it: `python -m tests.tampering` makes ten thousand."""

from pathlib import Path

import pytest

from recorder.ledger.verdict import Verdict
from tests.tampering import __main__ as many
from tests.tampering.edits import LEDGER, REST


def test_each_kind_once_and_some_bits(tmp_path: Path) -> None:
    kinds = len(LEDGER) + len(REST)
    missed, done = many.Tampering(tmp_path, "test").run(kinds + 4)
    assert missed == []
    assert len(done) == kinds + 1
    assert done[many.BITS].total() == 4


def test_what_is_missed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit, _ = LEDGER[0]
    monkeypatch.setattr(many, "LEDGER", [(edit, {Verdict.GAP})])
    monkeypatch.setattr(many, "REST", [])
    missed, _ = many.Tampering(tmp_path, "test").run(1)
    assert missed == [f"missed: {edit.__name__} 0: modified"]
