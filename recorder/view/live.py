"""One line for each thing that happens: what `tail` writes as interactions open and close."""

from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from recorder.ledger.kinds import RecordKind
from recorder.model import State
from recorder.store.results import Followed, InteractionRow
from recorder.view import figures
from recorder.view.states import colour, cost_of, indent, is_cost_unknown, model_name, short_model, sign
from recorder.view.text import clean_line

if TYPE_CHECKING:
    from rich.text import Text

_ID_WIDTH = 8
_MODEL_WIDTH = 12

type _Piece = tuple[str, str]
"""Text and its style."""


def live_text(event: Followed, zone: tzinfo | None = None) -> "Text":
    """Give an event as a line for a terminal; the most telling comes first, for a narrow terminal cuts the rest."""
    from rich.text import Text  # noqa: PLC0415 -- start-up time: pipes do without rich

    return Text.assemble(*_pieces(event, zone))


def live_line(event: Followed, zone: tzinfo | None = None) -> str:
    """Give an event as a plain line."""
    return "".join(text for text, _ in _pieces(event, zone)).rstrip()


def _pieces(event: Followed, zone: tzinfo | None) -> list[_Piece]:
    row = event.row
    opened = event.kind is RecordKind.OPENED
    model = clean_line(indent(row) + short_model(model_name(row) if not opened else row.model or figures.NOTHING))
    head = [
        (figures.local_time(row.started_utc if opened else _closed_utc(row), zone, date=False) + "  ", "dim"),
        (f"{row.id[:_ID_WIDTH]}  ", "bold"),
        (f"{_cut(model, _MODEL_WIDTH):<{_MODEL_WIDTH}}  ", ""),
    ]
    return head + (_opening(event) if opened else _closing(row))


def _opening(event: Followed) -> list[_Piece]:
    row = event.row
    leaves = ", ".join(f"{secret.kind} at {secret.place}" for secret in event.outbound)
    extra = [figures.size(row.request_bytes), row.project or "", "a retry" if row.retry_of else ""]
    limits = [(clean_line(f"{row.limit_note}  "), "bold yellow")] if row.limit_note else []
    warning = [(clean_line(f"carries a secret: {leaves}  "), "bold yellow")] if leaves else []
    removed = [(f"{figures.times(row.findings, 'secret')} removed  ", "yellow")] if row.findings and not leaves else []
    return [("→ asked     ", "cyan"), *warning, *limits, *removed, (clean_line(" · ".join(filter(None, extra))), "dim")]


def _closing(row: InteractionRow) -> list[_Piece]:
    look = colour(row.state)
    head = [(f"{sign(row.state)} {row.state:<9} ", look), (f"{figures.duration(row.duration_ms):>7}  ", "")]
    cost = (f"{cost_of(row):>8}  ", "yellow" if is_cost_unknown(row) else "")
    if row.state != State.COMPLETE and row.input_tokens is None:
        return [*head, *([cost] if is_cost_unknown(row) else []), (clean_line(_ending(row)), look)]
    tokens = f"↑{figures.short_tokens(_read(row)):>5} ↓{figures.short_tokens(row.output_tokens):>5}  "
    return [*head, cost, (tokens, ""), (clean_line(_ending(row)), look if row.state != State.COMPLETE else "dim")]


def _ending(row: InteractionRow) -> str:
    if row.state == State.COMPLETE:
        usual = row.stop_reason in (None, "end_turn")
        return figures.times(row.tool_calls, "tool call") if row.tool_calls else "" if usual else row.stop_reason or ""
    status = f"HTTP {row.status} " if row.status and row.status >= 400 else ""
    return status + (row.error_type or row.state_reason or "")


def _read(row: InteractionRow) -> int | None:
    known = (row.input_tokens, row.cache_read_tokens, row.cache_write_5m_tokens, row.cache_write_1h_tokens)
    return None if row.input_tokens is None else sum(count or 0 for count in known)


def _closed_utc(row: InteractionRow) -> str:
    """Tell when an interaction ended: its start and what it took."""
    moment = datetime.fromisoformat(row.started_utc) + timedelta(milliseconds=row.duration_ms or 0)
    return moment.isoformat()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
