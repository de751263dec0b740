"""The power goes off at any moment: nothing that was acknowledged is lost, and what is there is whole."""

import random
from pathlib import Path

import pytest

from recorder.capture.desk import Desk
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_writer
from tests.faults import power, vfs, workload
from tests.faults.counts import count
from tests.faults.vfs import Disk, Op

CUTS = count("power cuts", ci=100, full=2000)
CUTS_A_WORKLOAD = 50
SHORT_LOG = "PRAGMA wal_autocheckpoint = 24"
"""Pages; so that some dozens of transactions see several checkpoints, in the middle of which the power goes off too."""


class Played:
    """A workload, what it did to the disk, and what was acknowledged when."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disk = Disk()
        self.acked: list[tuple[int, workload.Acked]] = [(0, {})]

    def play(self, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
        opened = Desk._open

        def with_a_short_log(desk: Desk):  # type: ignore[no-untyped-def]
            writer = opened(desk)
            writer.db.execute(SHORT_LOG)
            return writer

        with monkeypatch.context() as patch, vfs.spied(self.disk):
            patch.setattr(Desk, "_open", with_a_short_log)
            desk = workload.take_a_seat(self.folder, "run")
            workload.record(desk, range(first, first + 12), {}, self.note)
            desk.close()

    def note(self, acked: workload.Acked) -> None:
        self.acked.append((len(self.disk.ops), dict(acked)))

    def acked_before(self, op: int) -> workload.Acked:
        return next(acked for at, acked in reversed(self.acked) if at <= op)


def test_nothing_is_lost_in_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detectors: None) -> None:
    lost, damaged = [], []
    for number in range(0, CUTS, CUTS_A_WORKLOAD):
        dice = random.Random(number)
        played = Played(tmp_path / f"w{number}")
        played.play(number, monkeypatch)
        for cut in range(CUTS_A_WORKLOAD):
            folder = tmp_path / f"w{number}" / f"cut{cut}"
            at = dice.randrange(len(played.disk.ops) + 1)
            files = power.after_a_cut({"records.db": b""}, played.disk.ops[:at], dice)
            vfs.write_files(folder, files)
            (folder / "config").symlink_to(played.folder / "config")
            name = f"workload {number}, after {at} of {len(played.disk.ops)} operations"
            with open_writer(folder / "records.db") as db:
                lost += [f"{name}: {id_}" for id_ in workload.lost(db, played.acked_before(at))]
                if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    damaged.append(name)
            # Records that were committed and not acknowledged may be there too; all that is there is signed.
            report = workload.verified(folder)
            if report.verdict != Verdict.OK and report.records:
                damaged.append(f"{name}: {report.findings}")
    assert (lost, damaged) == ([], [])


def test_a_disk_that_does_not_sync_loses_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, detectors: None
) -> None:
    """The test above can fail."""
    played = Played(tmp_path)
    played.play(0, monkeypatch)
    lost = []
    for seed in range(30):
        dice = random.Random(seed)
        at = dice.randrange(len(played.disk.ops))
        ops = [op for op in played.disk.ops[:at] if op.kind != "sync"]
        folder = tmp_path / f"cut{seed}"
        vfs.write_files(folder, power.after_a_cut({"records.db": b""}, ops, dice))
        try:
            with open_writer(folder / "records.db") as db:
                lost += workload.lost(db, played.acked_before(at))
        except Exception as error:  # noqa: BLE001 -- damaged beyond reading
            lost.append(str(error))
    assert lost


def test_acknowledged_means_synced(tmp_path: Path, detectors: None) -> None:
    """Between the last byte of a commit in the log and the acknowledgement stands a sync."""
    disk = Disk()
    with vfs.spied(disk):
        desk = workload.take_a_seat(tmp_path, "run")
        del disk.ops[:]
        for number in range(6):
            for batch in workload.frames(number):
                desk.take(batch)
                in_the_log = [op.kind for op in disk.ops if op.name == "records.db-wal"]
                assert in_the_log[-1] == "sync"
                assert "write" in in_the_log
                del disk.ops[:]
        desk.close()


def test_many_that_come_at_once_share_a_sync(tmp_path: Path, detectors: None) -> None:
    disk = Disk()
    with vfs.spied(disk):
        desk = workload.take_a_seat(tmp_path, "run")
        del disk.ops[:]
        batch = [frame for number in range(20) for frame in next(workload.frames(number))]
        assert all(ack.error is None for ack in desk.take(batch))
        assert [op.kind for op in disk.ops if op.name == "records.db-wal"].count("sync") == 1
        desk.close()


@pytest.mark.parametrize(
    ("ops", "possible"),
    [
        ([Op("write", "f", 0, b"a" * 512), Op("sync", "f")], {b"a" * 512}),
        ([Op("write", "f", 0, b"a" * 512)], {b"a" * 512, b"", None}),
        ([Op("write", "f", 0, b"ab"), Op("sync", "f"), Op("truncate", "f", 1)], {b"ab", b"a"}),
        ([Op("write", "f", 0, b"a"), Op("sync", "f"), Op("delete", "f")], {b"a", None}),
        ([Op("write", "f", 0, b"a" * 1024)], {b"a" * 1024, b"a" * 512, b"", None}),
        ([Op("write", "f", 0, b"a"), Op("write", "f", 1, b"b")], {b"ab", b"a", b"\0b", b"", None}),
    ],
)
def test_what_a_cut_leaves(ops: list[Op], possible: set[bytes | None]) -> None:
    assert {power.after_a_cut({}, ops, random.Random(seed)).get("f") for seed in range(300)} == possible
