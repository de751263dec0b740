"""Several recorders write into one database at once: all of it is there, in one sequence, and it verifies."""

import multiprocessing
import os
from pathlib import Path

import pytest

from recorder.capture.run_lock import hold, let_go
from recorder.ledger.verdict import Verdict
from recorder.redact import Redactor
from recorder.store.database import open_reader
from tests.faults import workload
from tests.faults.counts import count

WRITERS = 4
EACH = count("interactions of each writer", ci=40, full=2500)
"""Two of each number: see `workload.frames`."""


def write(folder: Path, writer: int) -> None:
    """Record as one of several processes; it ends with exit code 0 when all was acknowledged."""
    run_id, acked = f"run{writer}", workload.Acked()
    lock = hold(folder / "records.db", run_id)  # else the others take its open interactions for a crashed recorder's
    desk = workload.take_a_seat(folder, run_id)
    half = EACH // 2
    workload.record(desk, range(writer * half, (writer + 1) * half), acked)
    desk.close()
    let_go(lock)
    os._exit(0 if list(acked.values()) == ["Close"] * EACH else 1)


def test_many_processes_write_into_one_database(
    tmp_path: Path, redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    workload.share_detectors(monkeypatch, redactor)
    workload.take_a_seat(tmp_path, "first").close()
    processes = [multiprocessing.get_context("fork").Process(target=write, args=(tmp_path, n)) for n in range(WRITERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * WRITERS
    with open_reader(tmp_path / "records.db") as db:
        seqs = [seq for (seq,) in db.execute("SELECT seq FROM records ORDER BY seq")]
        states = dict(db.execute("SELECT state, count(*) FROM interactions GROUP BY state"))
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert states == {"complete": WRITERS * (EACH // 2 * 2)}
    found = workload.verified(tmp_path)
    assert found.verdict is Verdict.OK, found.findings
