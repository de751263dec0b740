"""Finds the runs that ended without saying so, and closes what they left open."""

from pathlib import Path

from recorder.capture.run import now_us
from recorder.capture.run_lock import is_alive
from recorder.capture.wash import utc
from recorder.ledger.kinds import RecordKind
from recorder.model import State
from recorder.store.rows import Closed, Event
from recorder.store.writer import Writer


def close_lost(store: Writer, db: Path, own_run: str) -> None:
    """Close every open interaction of a run whose recorder is gone, and record the crash."""
    now = now_us()
    for run_id in store.unfinished_runs():
        if run_id == own_run or is_alive(db, run_id):
            continue
        lost = [
            Closed(
                id=found.id,
                at_utc=utc(now),
                state=State.LOST,
                reason="crash",
                provider=found.provider,
                duration_us=max(0, now - found.started_us),
            )
            for found in store.find_open(run_id)
        ]
        crash = Event(kind=RecordKind.CRASH, at_utc=utc(now), body={"run_id": run_id, "interactions": len(lost)})
        store.write([*lost, crash])
        store.give_up(run_id)
