"""Thousands of edits of a record: every one is found, called by its name, and both verifiers agree."""

import random
import shutil
from pathlib import Path

import pytest

from recorder.ledger.note import VerifierKey
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_writer
from recorder.store.writer import Writer
from tests.store.conftest import Make
from tests.tampering.base import KEY, add_interaction, fill, head, independent, origin, ours, unguarded
from tests.tampering.edits import LEDGER, REST, Edit, change_a_body, resign

ROUNDS = 40
"""Of each edit."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "records.db"
    fill(path)
    return path


@pytest.fixture
def keys(base: Path) -> tuple[VerifierKey, ...]:
    return (KEY.verifier(origin(base)),)


def test_the_record_as_it_is(base: Path, keys: tuple[VerifierKey, ...]) -> None:
    report = ours(base, keys, (head(base),))
    assert (report.verdict, report.findings) == (Verdict.OK, [])
    assert report.checkpoints >= 4
    assert independent(base, keys, (head(base),)) is Verdict.OK


@pytest.mark.parametrize(("edit", "verdicts"), LEDGER, ids=lambda value: getattr(value, "__name__", ""))
def test_edits_of_the_ledger(
    base: Path, keys: tuple[VerifierKey, ...], tmp_path: Path, edit: Edit, verdicts: set[Verdict]
) -> None:
    copy = tmp_path / "copy.db"
    for number in range(ROUNDS):
        apply(edit, base, copy, number)
        report = ours(copy, keys)
        assert report.verdict in verdicts, (number, report)
        assert independent(copy, keys) is report.verdict, (number, report)


@pytest.mark.parametrize(("edit", "verdicts"), REST, ids=lambda value: getattr(value, "__name__", ""))
def test_edits_of_content_and_tables(
    base: Path, keys: tuple[VerifierKey, ...], tmp_path: Path, edit: Edit, verdicts: set[Verdict]
) -> None:
    copy = tmp_path / "copy.db"
    for number in range(ROUNDS):
        apply(edit, base, copy, number)
        report = ours(copy, keys)
        assert report.verdict in verdicts, (number, report)
    assert independent(copy, keys) is Verdict.OK


def apply(edit: Edit, base: Path, copy: Path, number: int) -> None:
    shutil.copy(base, copy)
    db = unguarded(copy)
    edit(db, random.Random(f"{edit.__name__} {number}"))
    db.close()


def both(path: Path, keys: tuple[VerifierKey, ...], *notes: str) -> Verdict:
    verdict = ours(path, keys, notes).verdict
    assert independent(path, keys, notes) is verdict
    return verdict


class TestWithACheckpointKeptElsewhere:
    """What the database alone cannot tell."""

    @pytest.fixture
    def copy(self, base: Path, tmp_path: Path) -> Path:
        return Path(shutil.copy(base, tmp_path / "copy.db"))

    def go_on(self, path: Path, first: int) -> None:
        with open_writer(path) as db:
            store, make = Writer(db, key=KEY), Make()
            for number in range(first, first + 20):
                add_interaction(store, make, number)

    def test_an_older_copy_put_back(self, copy: Path, keys: tuple[VerifierKey, ...], tmp_path: Path) -> None:
        older = shutil.copy(copy, tmp_path / "older.db")
        self.go_on(copy, 100)
        assert both(Path(older), keys) is Verdict.OK  # to itself it is whole
        assert both(Path(older), keys, head(copy)) is Verdict.TRUNCATED

    def test_an_older_copy_put_back_and_written_on(
        self, copy: Path, keys: tuple[VerifierKey, ...], tmp_path: Path
    ) -> None:
        older = Path(shutil.copy(copy, tmp_path / "older.db"))
        self.go_on(copy, 100)
        kept = head(copy)
        self.go_on(older, 200)
        self.go_on(older, 300)
        assert both(older, keys, kept) is Verdict.FORKED

    def test_rewritten_by_someone_with_the_key(self, copy: Path, keys: tuple[VerifierKey, ...]) -> None:
        kept = head(copy)
        db = unguarded(copy)
        for number in range(5):
            change_a_body(db, random.Random(number))
        resign(db, KEY, keys[0].name)
        db.close()
        assert independent(copy, keys) is Verdict.OK  # the limit of every signature: who has the key can sign
        assert both(copy, keys, kept) is Verdict.FORKED

    def test_another_record_in_its_place(self, keys: tuple[VerifierKey, ...], base: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.db"
        fill(other, interactions=7)
        db = unguarded(other)
        db.execute("UPDATE records SET at_utc = '2026-01-01T00:00:00.000Z' WHERE seq = 1")
        resign(db, KEY)
        db.close()
        assert origin(other) != origin(base)
        assert both(other, keys, head(base)) is Verdict.FORKED

    def test_a_checkpoint_by_somebody_else(self, copy: Path, keys: tuple[VerifierKey, ...]) -> None:
        from tests.ledger.test_note import NOTE  # noqa: PLC0415

        assert both(copy, keys, NOTE) is Verdict.WRONG_KEY
        assert both(copy, keys, head(copy).replace("\n\n", "\n", 1)) is Verdict.MODIFIED
