"""The line at the end of a run: what was recorded, what it cost, where it is."""

from decimal import Decimal
from pathlib import Path

from recorder.ledger.kinds import RecordKind
from recorder.model import FlowClass, State
from recorder.store.database import open_reader
from recorder.store.queries import get_interaction, last_seq, records
from recorder.store.results import InteractionRow
from recorder.view import figures


def last_record(db: Path) -> int:
    """Return the number of the last record, 0 for a database that is not there yet."""
    if not db.exists():
        return 0
    reader = open_reader(db)
    try:
        return last_seq(reader)
    finally:
        reader.close()


def interactions_of_run(db: Path, run_id: str, after_seq: int) -> list[InteractionRow]:
    """Return the model calls that one run recorded; others may have written the database meanwhile."""
    reader = open_reader(db)
    try:
        opened = (record.body for record in records(reader, after_seq) if record.kind is RecordKind.OPENED)
        rows = [get_interaction(reader, body["id"]) for body in opened if body["run_id"] == run_id]
    finally:
        reader.close()
    return [row for row in rows if row.flow_class == FlowClass.MODEL]


def describe_run(rows: list[InteractionRow], db: Path) -> str:
    """Return the summary of a run's model calls as one line."""
    if not rows:
        return f"no model calls recorded in {db}"
    entered = sum(_input_tokens(row) for row in rows)
    left = sum(row.output_tokens or 0 for row in rows)
    parts = [
        figures.times(len(rows), "interaction"),
        f"{figures.short_tokens(entered)} tokens in, {figures.short_tokens(left)} out",
        f"cost {_cost(rows)}",
    ]
    if broken := sum(row.state not in (State.COMPLETE, State.OPEN) for row in rows):
        parts.insert(1, f"{broken} not complete")
    return f"{', '.join(parts)}; recorded in {db}"


def _input_tokens(row: InteractionRow) -> int:
    counts = (row.input_tokens, row.cache_read_tokens, row.cache_write_5m_tokens, row.cache_write_1h_tokens)
    return sum(count or 0 for count in counts)


def _cost(rows: list[InteractionRow]) -> str:
    known = [Decimal(row.cost_usd) for row in rows if row.cost_usd is not None]
    # An interaction without an answer cost nothing that we know of; one with tokens but no price is unknown.
    unknown = sum(row.cost_usd is None and row.output_tokens is not None for row in rows)
    return figures.cost_sum(sum(known, Decimal(0)), unknown)
