"""What was not recorded, or not whole, and since when until when: from the records alone."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlite_utils import Database

from recorder.ledger.kinds import RecordKind
from recorder.model import WITHHELD, State
from recorder.store.database import reading
from recorder.store.records import list_runs, records

_BROKEN = {
    State.ABORTED: "aborted",
    State.LOST: "lost",
    State.BLOCKED: "blocked",
}
"""Endings after which an answer is not on the record, or not whole. One that failed is: the provider's error."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not on the record, or not whole."""

    kind: str
    """`unrecorded`, `lost`, `aborted`, `blocked`, `withheld`, `crash`, `unclean end`, `discrepancy`, `refused`."""
    since_utc: str
    until_utc: str | None
    """None: it goes on, as far as is known."""
    reason: str | None
    seq: int | None
    """Number of the record that tells; None: what is missing is the record."""
    run_id: str | None = None
    interaction: str | None = None
    requests: int = 0
    """How many requests it is about."""
    bytes: int | None = None
    """Of answers, as far as they had come; None: not known."""

    @property
    def seconds(self) -> float | None:
        """How long it was."""
        if self.until_utc is None:
            return None
        return max(0.0, (_time(self.until_utc) - _time(self.since_utc)).total_seconds())


def find_gaps(db: Database, alive: frozenset[str] = frozenset()) -> list[Gap]:
    """Return all gaps, in the order of their beginning. `alive`: ids of the runs whose recorder is at work."""
    found = list(_from_records(db))
    ends = _last_signs(db)
    found += [
        Gap(
            kind="unclean end",
            since_utc=ends.get(run.id, run.started_utc),
            until_utc=None,
            reason="it neither stopped nor was its crash found yet; the next start finds it",
            seq=None,
            run_id=run.id,
        )
        for run in list_runs(db)
        if run.stopped_utc is None and run.id not in alive
    ]
    return sorted(found, key=lambda gap: (gap.since_utc, gap.seq or 0))


def _from_records(db: Database) -> Iterator[Gap]:
    opened: dict[str, tuple[str, Mapping[str, Any]]] = {}
    last: dict[str, str] = {}
    for record in records(db):
        body, at = record.body, record.at_utc
        run = body.get("run_id")
        told: dict[str, Any] = {"seq": record.seq, "run_id": run, "reason": body.get("reason")}
        match record.kind:
            case RecordKind.OPENED:
                opened[body["id"]] = at, body
                yield from _withheld(body, "request", at, at, told)
            case RecordKind.CLOSED:
                began, request = opened.pop(body["id"], (at, {}))
                told["run_id"] = run = request.get("run_id")
                yield from _withheld(body, "answer", began, at, told)
                yield from _broken(body, began, at, told)
            case RecordKind.GAP:
                yield from _refused(body, at, told)
            case RecordKind.CRASH:
                lost = body.get("interactions", 0)
                since = last.get(run or "", at)
                yield Gap(
                    kind="crash", since_utc=since, until_utc=at, requests=lost, **told | {"reason": "ended unsaid"}
                )
            case RecordKind.DISCREPANCY | RecordKind.REFUSED:
                yield Gap(kind=record.kind.value, since_utc=at, until_utc=at, **told)
            case _:
                pass
        if run:
            last[run] = max(last.get(run, ""), at)


def _refused(body: Mapping[str, Any], at: str, told: dict[str, Any]) -> Iterator[Gap]:
    """Yield each of the interactions that a gap names: the first, and others with the milliseconds from then on."""
    kind = "blocked" if body.get("policy") == "block" else "unrecorded"
    for id_, after_ms in {body.get("interaction"): 0, **body.get("others", {})}.items():
        then = _later(at, after_ms) if after_ms else at
        yield Gap(
            kind=kind, since_utc=then, until_utc=then, interaction=id_, requests=1, bytes=body.get("bytes"), **told
        )


def _withheld(body: Mapping[str, Any], side: str, began: str, at: str, told: dict[str, Any]) -> Iterator[Gap]:
    if any(finding.get("kind") == WITHHELD for finding in body.get("findings", ())):
        why = next((text for text in body.get("anomalies", ()) if text.startswith("withheld: ")), "withheld")
        yield Gap(
            kind="withheld",
            since_utc=began,
            until_utc=at,
            interaction=body["id"],
            requests=1,
            bytes=body.get("request_bytes" if side == "request" else "response_bytes"),
            **told | {"reason": f"content of the {side} {why}"},
        )


def _broken(body: Mapping[str, Any], began: str, at: str, told: dict[str, Any]) -> Iterator[Gap]:
    if kind := _BROKEN.get(body.get("state", "")):
        count = body.get("response_bytes")
        yield Gap(kind=kind, since_utc=began, until_utc=at, interaction=body["id"], requests=1, bytes=count, **told)


def _last_signs(db: Database) -> dict[str, str]:
    with reading():
        return dict(db.execute("SELECT run_id, max(started_utc) FROM interactions GROUP BY run_id").fetchall())


def _later(utc: str, after_ms: int) -> str:
    then = _time(utc) + timedelta(milliseconds=after_ms)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time(utc: str) -> datetime:
    return datetime.fromisoformat(utc)
