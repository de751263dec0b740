"""Parquet: a folder with a folder for each day (`day=2026-11-23`), as DuckDB, Spark and others read it at once.

A file holds the interactions of one day out of some thousand that began one after the other, and is named by the first
of them. Where a file ends depends on what is in it alone, so an export that was broken off goes on to the same files.
Times are timestamps, money is a decimal, content is JSON in text.
"""

import hashlib
import os
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from recorder.errors import RecorderError
from recorder.export.jsonl import as_json
from recorder.export.partial import State
from recorder.store.results import InteractionRow, Whole
from recorder.view import asjson

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError:
    raise RecorderError("--format parquet needs pyarrow: pip install 'llm-audit-recorder[parquet]'") from None

_MOST_ROWS = 20_000
_MOST_BYTES = 64_000_000
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_STATE = ".export.state"
_CONTENT = {
    "request": "request",
    "answer": "answer",
    "calls": "tool_calls",
    "usage": "usage",
    "cost": "cost",
    "secrets_removed": "secrets_removed",
    "missing": "missing",
}
"""Column → the member of jsonl whose JSON it holds; `tool_calls` is how many there are."""
_MONEY = pa.decimal128(38, 18)
_SMALLEST = Decimal(1).scaleb(-18)


class Folder:
    """A folder of Parquet files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state_path = path / _STATE
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0
        self._schema = _schema()

    def begin(self, *, force: bool) -> None:
        """Make the folder. Raises RecorderError when something is in the way and `force` does not say it may go."""
        if self._path.exists() and not force:
            raise RecorderError(
                f"{self._path}: is there already; name another with -o, --resume what was broken off, or --force"
            )
        try:
            self._path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        except OSError as error:
            raise RecorderError(f"{self._path}: {error.strerror}; name another folder with -o") from None
        for file in [*self._files(), *self._path.glob("day=*/*.partial"), self._state_path]:
            file.unlink(missing_ok=True)

    def resume(self) -> State:
        """Read how far an export came that was broken off. Raises RecorderError without one."""
        try:
            state = msgspec.json.decode(self._state_path.read_bytes(), type=State)
        except FileNotFoundError:
            raise RecorderError(f"{self._path}: no export was broken off here; leave --resume out") from None
        for file in self._path.glob("day=*/*.partial"):
            file.unlink()
        return state

    def add(self, whole: Whole) -> bool:
        """Take an interaction; tell whether files should be written now."""
        row, size = _row(whole)
        self._rows.append(row)
        self._bytes += size
        return len(self._rows) >= _MOST_ROWS or self._bytes >= _MOST_BYTES

    def write(self) -> None:
        """Write the files of what was taken."""
        days: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows:
            days[row["started_utc"].date().isoformat()].append(row)
        for day, rows in days.items():
            self._write_file(self._path / f"day={day}" / f"{rows[0]['seq']:012}.parquet", rows)
        self._rows, self._bytes = [], 0

    def save(self, state: State) -> None:
        """Note how far it is; what was taken must be written."""
        fresh = self._state_path.with_name(f"{_STATE}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE), "wb") as file:
            file.write(msgspec.json.encode(state))
        fresh.replace(self._state_path)

    def finish(self) -> None:
        """Remove what only an export under way needs."""
        self._state_path.unlink(missing_ok=True)

    def digest(self) -> str:
        """Return the SHA-256 of the list that `sha256sum` prints of the files, in the order of their names."""
        listing = hashlib.sha256()
        for file in self._files():
            with file.open("rb") as opened:
                found = hashlib.file_digest(opened, "sha256").hexdigest()
            listing.update(f"{found}  {file.relative_to(self._path)}\n".encode())
        return listing.hexdigest()

    def _files(self) -> list[Path]:
        return sorted(self._path.glob("day=*/" + "[0-9]" * 12 + ".parquet"))

    def _write_file(self, path: Path, rows: list[dict[str, Any]]) -> None:
        path.parent.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE), "wb") as file:
            parquet.write_table(pa.Table.from_pylist(rows, self._schema), file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)


def _schema() -> Any:
    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    hints = get_type_hints(InteractionRow)
    fields = [pa.field("seq", pa.int64(), nullable=False)]
    for name in asjson.COLUMNS:
        hint = hints[name]
        kind = next((one for one in get_args(hint) if one is not type(None)), hint)
        arrow = pa.timestamp("ms", tz="UTC") if name == "started_utc" else kinds[kind]
        fields.append(pa.field(name, _MONEY if name.endswith("_usd") else arrow))
    return pa.schema([*fields, *(pa.field(name, pa.string()) for name in _CONTENT)])


def _row(whole: Whole) -> tuple[dict[str, Any], int]:
    members = asjson.whole(whole, as_json)
    values = members["interaction"]
    content = {
        column: msgspec.json.encode(members[name]).decode()
        for column, name in _CONTENT.items()
        if members[name] is not None
    }
    money = {
        name: Decimal(value).quantize(_SMALLEST) for name, value in values.items() if name.endswith("_usd") and value
    }
    started = datetime.fromisoformat(values["started_utc"])
    row = {"seq": whole.seq, **values, **money, "started_utc": started, **content}
    return row, sum(map(len, content.values()))
