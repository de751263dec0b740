"""The disk fails or is full at any call: who waits is told, nothing acknowledged is lost, and it goes on by itself."""

from pathlib import Path

import pytest

from recorder.capture.desk import Desk
from recorder.errors import RecorderError
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_writer
from tests.faults import vfs, workload
from tests.faults.counts import count
from tests.faults.vfs import OK, Disk, Op

CALLS = 500
STEP = CALLS // count("calls that fail", ci=10, full=CALLS)
_COUNTED = ("read", "write", "truncate", "sync", "delete", "open")


class Failing:
    """Fails the calls from `first` on, so many of them."""

    def __init__(self, first: int, calls: int, *, full: bool) -> None:
        self._range = range(first, first + calls)
        self._full = full
        self._count = -1
        self.failed = 0

    def __call__(self, op: Op) -> int:
        self._count += op.kind in _COUNTED
        if op.kind not in _COUNTED or self._count not in self._range:
            return OK
        if self._full and op.kind not in {"write", "truncate"}:
            return OK  # a full disk can be read, synced and deleted from
        self.failed += 1
        return vfs.failing(op, full=self._full)


def seat(folder: Path) -> Desk:
    """Start a recorder, once more for each start that the disk did not let happen."""
    while True:
        try:
            return workload.take_a_seat(folder, "run")
        except RecorderError:
            continue


@pytest.mark.parametrize("full", [False, True], ids=["error", "full"])
@pytest.mark.parametrize("calls", [1, 40], ids=["once", "for a while"])
def test_an_error_at_any_call(tmp_path: Path, detectors: None, full: bool, calls: int) -> None:
    lost: list[str] = []
    refused = 0
    for first in range(0, CALLS, STEP):
        folder = tmp_path / str(first)
        failing = Failing(first, calls, full=full)
        acked: workload.Acked = {}
        with vfs.spied(Disk(fault=failing, keeps_data=False)) as disk:
            desk = seat(folder)
            workload.record(desk, range(4), acked)
            refused += len(acked) < 8
            disk.fault = lambda op: OK
            workload.record(desk, range(10, 12), acked)
            desk.close()
        if failing.failed:
            assert {"i10", "i11"} <= acked.keys(), f"it did not go on after call {first}"
        with open_writer(folder / "records.db") as db:
            lost += [f"call {first}: {id_}" for id_ in workload.lost(db, acked)]
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",), first
        report = workload.verified(folder)
        assert report.verdict in {Verdict.OK, Verdict.GAP}, (first, report.findings)
    assert lost == []
    assert refused
