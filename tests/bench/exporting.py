"""How fast conversations are exported: `python -m tests.bench.exporting --sessions 10 --turns 200 --db FILE`.

Makes conversations as a client sends them (a system prompt, twenty tools, a tool call with its result in each turn, so
that a request repeats all before it), then times exports of them as a user starts them, the median of three.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recorder.ledger.kinds import RecordKind
from recorder.store.database import open_writer
from recorder.store.rows import Row
from recorder.store.writer import Writer
from tests.bench.million import id_of
from tests.store.conftest import Make

_FORMATS = ("jsonl", "csv", "otlp", "ocsf", "har", "html")
_RUNS = 3
_BATCH = 100
_CACHED = {"cache_control": {"type": "ephemeral"}}
_HEADERS = tuple((f"x-header-{number}", "value " * 3) for number in range(12))
_PROGRAM = [sys.executable, "-c", "from recorder.cli import main; main(prog_name='recorder')"]
_CHANCE = random.Random(20261126)
_WORDS = [f"word{number}" for number in range(5000)]


def main() -> None:
    """Make the conversations where they are not there yet, and time the exports."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.exporting", description=__doc__)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--db", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recorder-") as folder:
        path = given.db or Path(folder) / "records.db"
        if not path.exists():
            make(path, given.sessions, given.turns)
        for form in _FORMATS:
            out = Path(folder) / form
            seconds = statistics.median(export(path, form, out) for _ in range(_RUNS))
            count, size = given.sessions * given.turns, out.stat().st_size / 1e6
            sys.stdout.write(f"{form:6} {count / seconds:8,.0f} interactions/s {size / seconds:6,.0f} MB/s\n")
            sys.stdout.flush()


def export(path: Path, form: str, out: Path) -> float:
    """Time one export from its start to its end."""
    started = time.perf_counter()
    words = ["export", "--format", form, "--force", "-o", str(out), "--db", str(path)]
    subprocess.run([*_PROGRAM, *words], check=True, capture_output=True)
    return time.perf_counter() - started


def make(path: Path, sessions: int, turns: int) -> None:
    """Write the conversations."""
    with open_writer(path) as db:
        db.execute("PRAGMA synchronous = OFF")
        store, rows = Writer(db), list[Row]()
        for row in _rows(sessions, turns):
            rows.append(row)
            if len(rows) == _BATCH:
                store.write(rows)
                rows.clear()
        store.write(rows)


def _rows(sessions: int, turns: int) -> Iterator[Row]:
    make = Make()
    yield make.event(RecordKind.START, run_id="run1", host="box", pid=1, version="0")
    system = [_text(10), _text(1500) | _CACHED]
    tools = [
        {"name": f"tool{number}", "description": _said(200), "input_schema": {"type": "object", "properties": {}}}
        for number in range(20)
    ]
    for session in range(sessions):
        messages: list[dict[str, Any]] = [{"role": "user", "content": [_text(60)]}]
        for turn in range(turns):
            name = id_of(session * turns + turn)
            *before, last = messages
            *blocks, newest = last["content"]
            marked = {"role": last["role"], "content": [*blocks, newest | _CACHED]}
            body = {"model": "claude-opus-4-6", "system": system, "tools": tools, "messages": [*before, marked]}
            sent = json.dumps(body, separators=(",", ":")).encode()
            yield make.cut(name, sent, session=f"s{session}", headers=_HEADERS, request_bytes=len(sent))
            call = {"type": "tool_use", "id": f"toolu_{name}", "name": "Bash", "input": {"command": _said(20)}}
            answer = {"role": "assistant", "content": [_text(30), call]}
            yield make.priced(name, "0.25", answer=make.part("answer", answer, "assistant"))
            result = {"type": "tool_result", "tool_use_id": call["id"], "content": _said(200)}
            messages += [answer, {"role": "user", "content": [result]}]


def _text(words: int) -> dict[str, Any]:
    return {"type": "text", "text": _said(words)}


def _said(words: int) -> str:
    return " ".join(_CHANCE.choices(_WORDS, k=words))


if __name__ == "__main__":
    main()
