"""From an opened or closed record to the rows that follow from it; the same for a new record and for a rebuild."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from recorder.ledger.kinds import RecordKind
from recorder.model import Slot
from recorder.store.columns import Columns, closed_columns, opened_columns
from recorder.store.findings import Text, insert_findings
from recorder.store.fingerprints import insert_links
from recorder.store.keeping import note_keeping
from recorder.store.links import complete_calls, find_retried, insert_calls

type Body = Mapping[str, Any]

_ENDS = (RecordKind.STOP, RecordKind.CRASH)


def derive_opened(
    db: Database,
    record: tuple[int, str, Body],
    parts: Mapping[str, int],
    lists: tuple[Mapping[Slot, int], Mapping[int, int]],
    marked: Iterable[Text],
) -> None:
    """Take in an opened record: its number, time and body; inside of a transaction.

    `parts`: column → part, or list of what the provider was sent. `lists`: slot → list, and position → part of the
    messages whose lists are new. `marked`: those of its new parts that may hold placeholders.
    """
    seq, at_utc, body = record
    chains, new_messages = lists
    columns = opened_columns(seq, at_utc, body)
    columns.update(parts)
    columns.update({f"{slot}_chain": node for slot, node in chains.items()})
    messages = chains.get(Slot.MESSAGES)
    retried = None if messages is None or new_messages else _retried(db, body, messages)
    _insert(db, columns | {"retry_of": retried})
    complete_calls(db, seq, at_utc, body, new_messages)
    insert_findings(db, seq, body, marked, messages)


def derive_closed(
    db: Database, record: tuple[int, str, Body], opened: int, parts: Mapping[str, int], marked: Iterable[Text]
) -> None:
    """Take in a closed record; `opened`: the number of the record that opened its interaction."""
    seq, _, body = record
    columns = closed_columns(seq, body)
    columns.update(parts)
    _update(db, opened, columns)
    insert_calls(db, opened, body)
    insert_findings(db, seq, body, marked, None)


def derive_event(db: Database, seq: int, kind: RecordKind, at_utc: str, body: Body) -> None:
    """Take in any other record."""
    if kind is RecordKind.START:
        db.execute(
            "INSERT INTO runs (id, started_utc, host, pid, version) VALUES (?, ?, ?, ?, ?)",
            (body["run_id"], at_utc, body.get("host"), body.get("pid"), body.get("version")),
        )
    elif kind in _ENDS:
        ended = (at_utc, kind, body["run_id"])
        db.execute("UPDATE runs SET stopped_utc = ?, stopped_by = ? WHERE id = ?", ended)
    elif kind is RecordKind.KEY:
        insert_links(db, seq, body)
    else:
        note_keeping(db, seq, kind, at_utc, body)


def _retried(db: Database, body: Body, messages: int) -> str | None:
    identity = body.get("identity", {})
    return find_retried(db, identity.get("session_id"), identity.get("agent_id"), messages)


def _insert(db: Database, columns: Columns) -> None:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    db.execute(f"INSERT INTO interactions ({names}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608 — names are ours


def _update(db: Database, seq: int, columns: Columns) -> None:
    added = ("findings", "anomalies")
    sets = ", ".join(f"{name} = {name} + ?" if name in added else f"{name} = ?" for name in columns)
    db.execute(f"UPDATE interactions SET {sets} WHERE seq = ?", (*columns.values(), seq))  # noqa: S608 — names are ours
