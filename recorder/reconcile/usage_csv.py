"""A provider's usage as CSV: the export of the Anthropic console, or any file whose columns are named."""

import csv
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from recorder.errors import ConfigError
from recorder.reconcile.counted import TOKENS, Counted

_CONSOLE = {
    "day": ("usage_date_utc",),
    "model": ("model_version", "model"),
    "input_tokens": ("usage_input_tokens_no_cache",),
    "output_tokens": ("usage_output_tokens",),
    "cache_read_tokens": ("usage_input_tokens_cache_read",),
    "cache_write_5m_tokens": ("usage_input_tokens_cache_write_5m",),
    "cache_write_1h_tokens": ("usage_input_tokens_cache_write_1h",),
    "cost_usd": ("cost_usd",),
}
"""Our names, and the console's: of its export of usage (tokens) and of its export of costs, as of 2026."""
FIELDS = tuple(_CONSOLE)


def read_usage(file: Path, columns: Mapping[str, str]) -> tuple[list[Counted], tuple[str, ...]]:
    """Return the rows, and which of `TOKENS` and `cost_usd` they count.

    `columns`: of our fields, what they are called in this file; what is not named is looked for as the console and as
    we name it. Raises ConfigError for a file that cannot be read or lacks days, models or counts.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            names = _names(file, reader.fieldnames or (), columns)
            rows = [_row(file, number, row, names) for number, row in enumerate(reader, 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{file}: {error}; name a CSV file with --usage") from None
    return rows, tuple(name for name in (*TOKENS, "cost_usd") if name in names)


def _names(file: Path, there: object, columns: Mapping[str, str]) -> dict[str, str]:
    header = list(there) if isinstance(there, list | tuple) else []
    names = {}
    for field in FIELDS:
        if field in columns and columns[field] not in header:
            raise ConfigError(f"{file}: has no column {columns[field]!r} for {field}; it has {', '.join(header)}")
        candidates = (columns[field],) if field in columns else (*_CONSOLE[field], field)
        if name := next((one for one in candidates if one in header), None):
            names[field] = name
    missing = [field for field in ("day", "model") if field not in names]
    if missing or len(names) == 2:
        what = missing[0] if missing else "tokens or costs"
        raise ConfigError(f"{file}: which column says {what}? Name it with --column, as in --column day=Date")
    return names


def _row(file: Path, number: int, row: Mapping[str, str | None], names: Mapping[str, str]) -> Counted:
    values: dict[str, str] = {field: (row.get(name) or "").strip() for field, name in names.items()}
    try:
        counts: dict[str, Any] = {field: _count(values[field]) for field in TOKENS if field in values}
        cost = Decimal(values["cost_usd"].lstrip("$") or "0") if "cost_usd" in values else None
        where = f"{file}:{number}"
        return Counted(day=values["day"][:10], model=values["model"], cost_usd=cost, where=where, **counts)
    except (ValueError, InvalidOperation):
        raise ConfigError(f"{file}, line {number}: a count or a cost in it is no number") from None


def _count(text: str) -> int:
    return int(text.replace(",", "").replace("_", "") or "0")
