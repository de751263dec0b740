"""How long reading takes over many interactions: `python -m tests.bench.million --interactions 1000000 --db FILE`.

Makes the record with SQL (its hashes are made up: it is there to be read, not to be verified), then times the commands
as a user starts them, each the median of some runs, and the first one that has to catch up by itself.
"""

import argparse
import itertools
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zstandard

from recorder.store.database import Database, open_writer

TURNS = 20
"""Interactions of a session."""
_START = datetime(2026, 1, 1, tzinfo=UTC)
_MODELS = ("claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5-20251001")
_STATES = ("complete",) * 97 + ("failed", "aborted", "lost")
_RUNS = 5
_PROGRAM = [sys.executable, "-c", "from recorder.cli import main; main(prog_name='recorder')"]


def main() -> None:
    """Make the record where it is not there yet, and time the commands."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.million", description=__doc__)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--db", type=Path, required=True)
    given = parser.parse_args()
    if not given.db.exists():
        started = time.process_time()
        make(given.db, given.interactions)
        spent = time.process_time() - started
        sys.stdout.write(f"made {given.interactions:,} interactions in {spent:.0f} s of a processor\n")
    for name, words in commands(given.interactions).items():
        first, *rest = (seconds([*words, "--db", str(given.db)]) for _ in range(1 + _RUNS))
        median = statistics.median(rest)
        sys.stdout.write(f"{name:34} first {first * 1000:8.0f} ms, then {median * 1000:6.0f} ms\n")
        sys.stdout.flush()


def commands(interactions: int) -> dict[str, list[str]]:
    """Name what is timed."""
    session = session_of(interactions // 2 // TURNS)
    return {
        "start of a command (--help)": ["interactions", "--help"],
        "interactions, the last 100": ["interactions", "--limit", "100"],
        "sessions, the last 50": ["sessions", "--limit", "50"],
        "usage by day": ["usage"],
        "usage by model, one month": ["usage", "--by", "model", "--since", "2026-02-01", "--until", "2026-03-01"],
        "search, a rare word": ["search", f"zebra{interactions // 3}"],
        "search, a common word": ["search", "budget"],
        "a session as a tree": ["tree", session],
        "why the cache missed in a session": ["why-miss", session],
        "an interaction": ["show", id_of(interactions // 2)],
        "errors": ["errors"],
    }


def seconds(words: list[str]) -> float:
    """Time one command from its start to its end."""
    started = time.perf_counter()
    if words[-2] == "--db" and "--help" in words:
        words = words[:-2]
    subprocess.run([*_PROGRAM, *words], check=True, capture_output=True)
    return time.perf_counter() - started


def id_of(number: int) -> str:
    """Return the id of an interaction."""
    return f"{number:032x}"[::-1]


def session_of(number: int) -> str:
    """Return the id of a session."""
    return f"{number:08x}"[::-1] + "-0000-4000-8000-000000000000"


def make(path: Path, interactions: int) -> None:
    """Make a record of so many interactions, in conversations of `TURNS` turns."""
    with open_writer(path) as db:
        for names in (("synchronous", "OFF"), ("secure_delete", "OFF")):
            db.execute(f"PRAGMA {names[0]} = {names[1]}")
        rows = _rows(interactions)
        while batch := list(itertools.islice(rows, 20_000)):
            db.execute("BEGIN")
            for table, values in _by_table(batch).items():
                _insert(db, table, values)
            db.execute("COMMIT")


def _rows(interactions: int) -> Iterator[tuple[str, dict[str, object]]]:
    chance = random.Random(20261125)
    words = [f"word{number}" for number in range(5000)] + ["budget", "retry", "voucher"]
    pack = zstandard.ZstdCompressor(level=1).compress
    part = 0
    head: int | None = None
    for number in range(interactions):
        session, turn = divmod(number, TURNS)
        at = _START + timedelta(seconds=number * 11)
        opened, closed = 2 * number + 1, 2 * number + 2
        ids = []
        for kind, role in (("message", "user"), ("answer", "assistant")):
            said = " ".join([*chance.choices(words, k=30), f"zebra{number}"])
            content = json.dumps({"role": role, "content": [{"type": "text", "text": said}]}).encode()
            part += 1
            ids.append(part)
            yield (
                "parts",
                {
                    "id": part,
                    "kind": kind,
                    "role": role,
                    "bytes": len(content),
                    "content": pack(content),
                    "salt": bytes(32),
                    "commitment": part.to_bytes(32),
                },
            )
        chain = number + 1
        head = None if turn == 0 else head
        yield "chains", {
            "id": chain, "parent": head, "part": ids[0], "position": turn, "digest": chain.to_bytes(32)
        }  # fmt: skip
        head = chain
        for seq, kind in ((opened, "opened"), (closed, "closed")):
            body = json.dumps({"id": id_of(number)}, separators=(",", ":"))
            yield "records", {"seq": seq, "kind": kind, "at_utc": _utc(at), "body": body, "leaf_hash": seq.to_bytes(32)}
        state = chance.choice(_STATES)
        yield (
            "interactions",
            {
                "seq": opened,
                "closed_seq": closed,
                "id": id_of(number),
                "run_id": "run",
                "session_id": session_of(session),
                "project": f"project {session % 40}",
                "user": f"user {session % 25}",
                "team": f"team {session % 5}",
                "flow_class": "model",
                "protocol": "messages",
                "provider": "anthropic",
                "host": "api.anthropic.com",
                "path": "/v1/messages",
                "model": _MODELS[session % 3],
                "model_answered": _MODELS[session % 3] if state == "complete" else None,
                "state": state,
                "status": 529 if state == "failed" else 200,
                "error_type": "overloaded_error" if state == "failed" else None,
                "input_tokens": 10,
                "output_tokens": 200,
                "cache_read_tokens": 1000 * turn,
                "cache_write_5m_tokens": 1000,
                "cache_write_1h_tokens": 0,
                "thinking_tokens": 0,
                "web_search_requests": 0,
                "cost_usd": f"0.{chance.randrange(10**7):07}",
                "started_utc": _utc(at),
                "duration_us": 3_000_000,
                "request_bytes": 5000,
                "tool_calls": 0,
                "findings": 0,
                "anomalies": 0,
                "messages_chain": chain,
                "answer": ids[1],
            },
        )


def _by_table(batch: list[tuple[str, dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    tables: dict[str, list[dict[str, object]]] = {"records": [], "parts": [], "chains": [], "interactions": []}
    for table, values in batch:
        tables[table].append(values)
    return tables


def _insert(db: Database, table: str, rows: list[dict[str, object]]) -> None:
    if rows:
        names = list(rows[0])
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        db.conn.executemany(sql, [tuple(row.values()) for row in rows])


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    main()
