"""Finds the runs that ended without saying so, and closes what they left open with what is known of it."""

from pathlib import Path

from recorder.capture.lost_side import LostSide
from recorder.capture.run import now_us
from recorder.capture.run_lock import is_alive
from recorder.capture.wash import utc
from recorder.ledger.kinds import RecordKind
from recorder.store.rows import Event
from recorder.store.writer import Writer


def close_lost(store: Writer, db: Path, own_run: str, side: LostSide) -> None:
    """Close every open interaction of a run whose recorder is gone, and record the crash."""
    now = now_us()
    for run_id in store.unfinished_runs():
        if run_id == own_run or is_alive(db, run_id):
            continue
        lost = [
            side.closed(found, store.find_in_flight(found.id), store.asked_model(found.id), now)
            for found in store.find_open(run_id)
        ]
        crash = Event(kind=RecordKind.CRASH, at_utc=utc(now), body={"run_id": run_id, "interactions": len(lost)})
        store.write([*lost, crash])
        store.give_up(run_id)
