"""A fixed sequence of rows makes these records, byte for byte. A change here is a change of the ledger's format."""

import hashlib
import itertools
import json

from recorder.ledger.kinds import RecordKind
from recorder.model import (
    Finding,
    FlowClass,
    Identity,
    Protocol,
    Provider,
    SafeBytes,
    SafeText,
    Slot,
    State,
    ToolResult,
    ToolUse,
    Usage,
)
from recorder.store.database import open_writer
from recorder.store.record_bodies import BodyReader
from recorder.store.rows import Closed, Event, Link, NewPart, Opened
from recorder.store.writer import Writer

LEAVES = [
    "4de0be3d9bf707a7d3a81715fda35f6cc36b3713ad744a74ff24647d9ce2e1b6",
    "f3768717366b61b09a96784c41ade6ba32c5e4f0808c0771cc0d9a8583343b4e",
    "17d248968630cf684a58c06d21bd05db2667eb8ccea592f073a3aefd2ef1b943",
    "fb5034219279dd6d7268f7f7b819450707d782a5e09047f90aef116feece17d6",
    "a6f57f948ed22f35921d721a80ff6ed30f6370cea9324cdf15690dd9684fc820",
    "fec842061628c3d38153daea19ab26b72067ae5ea72ca455f98e6eddf5a296b2",
]


def part(kind, content, role=None):
    return NewPart(
        kind=kind, role=role, content=SafeBytes(content), digest=hashlib.sha256(kind.encode() + content).digest()[:16]
    )


USER = Link(part("message", b'{"role":"user","content":"hi"}', "user"))
TURN = Link(part("message", b'{"role":"assistant","content":[]}', "assistant"), SafeBytes(b" ,"))
RESULT = Link(part("message", b'{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1"}]}', "user"))

COMMON = {
    "run_id": "run-1",
    "flow_class": FlowClass.MODEL,
    "protocol": Protocol.MESSAGES,
    "provider": Provider.ANTHROPIC,
    "method": "POST",
    "scheme": "https",
    "host": "api.anthropic.com:443",
    "path": SafeText("/v1/messages?beta=true"),
    "headers": (("x-app", SafeText("cli")), ("x-api-key", SafeText("[REDACTED:api-key:00ff]"))),
    "identity": Identity(session_id="session-1", client="claude-cli/2.1.330", user="account-1"),
    "model": SafeText("claude-opus-4-6"),
    "streaming": True,
    "project": "Übung",
    "user": "ann",
    "request_bytes": 321,
    "envelope": part("envelope", b'{"model":"claude-opus-4-6","system":[],"messages":[]}'),
    "slots": ((Slot.SYSTEM, 38), (Slot.MESSAGES, 52)),
}

ROWS = [
    Event(
        kind=RecordKind.START,
        at_utc="2026-11-23T12:00:00.000Z",
        body={"run_id": "run-1", "host": "box", "pid": 7, "version": "0.1.0", "project": None},
    ),
    Opened(
        id="one",
        at_utc="2026-11-23T12:00:01.000Z",
        chains={Slot.SYSTEM: (Link(part("system", b'"be kind"')),), Slot.MESSAGES: (USER,)},
        marks=((Slot.SYSTEM, 0, 9, SafeBytes(b"")),),
        request_encoding="gzip",
        body_mac="aa" * 32,
        findings=(Finding("api-key", "00ff", 1), Finding("password", None, 2)),
        **COMMON,
    ),
    Closed(
        id="one",
        at_utc="2026-11-23T12:00:02.500Z",
        state=State.COMPLETE,
        status=200,
        headers=(("request-id", SafeText("req_1")),),
        provider=Provider.ANTHROPIC,
        model=SafeText("claude-opus-4-6"),
        message_id="msg_1",
        stop_reason="tool_use",
        request_id="req_1",
        usage=Usage(input_tokens=10, output_tokens=20, cache_read_tokens=30, raw={"input_tokens": 10, "share": 0.5}),
        cost_usd="0.000565",
        cost={"table": "genai-prices 0.2.3", "model": "claude-opus-4-6", "rates": {"input_mtok": "5"}, "reason": None},
        ttft_us=400_000,
        duration_us=1_500_000,
        response_bytes=654,
        body_mac="bb" * 32,
        answer=part("answer", b'{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1"}]}', "assistant"),
        timing=part("timing", b'[[1,"x",0,2]]'),
        tool_uses=(ToolUse(0, "toolu_1", "Bash"),),
    ),
    Opened(
        id="two",
        at_utc="2026-11-23T12:00:04.000Z",
        chains={Slot.MESSAGES: (USER, TURN, RESULT)},
        tool_results=((ToolResult("toolu_1", is_error=False), 2),),
        **COMMON,
    ),
    Closed(
        id="two",
        at_utc="2026-11-23T12:00:05.000Z",
        state=State.FAILED,
        reason="status",
        status=529,
        provider=Provider.ANTHROPIC,
        error_type="overloaded_error",
        error_message=SafeText("Overloaded"),
        duration_us=1_000_000,
        anomalies=("odd",),
    ),
    Event(kind=RecordKind.STOP, at_utc="2026-11-23T12:00:06.000Z", body={"run_id": "run-1"}),
]


def written(db):
    number = itertools.count()
    Writer(db, salts=lambda size: hashlib.sha256(b"salt %d" % next(number)).digest()[:size]).write(ROWS)
    return list(db["records"].rows)


def test_leaf_hashes(db):
    assert [row["leaf_hash"].hex() for row in written(db)] == LEAVES


def test_how_rows_are_batched_does_not_matter(db, tmp_path):
    with open_writer(tmp_path / "other.db") as other:
        for database, batches in ((db, [ROWS]), (other, [[row] for row in ROWS])):
            store = Writer(database, salts=bytes)
            for batch in batches:
                store.write(batch)
        for name in db.table_names():
            if name != "_sqlite_migrations":
                assert list(db[name].rows) == list(other[name].rows)


def test_the_same_by_other_means(db):
    # Python's own JSON, which is canonical for keys and strings as plain as these.
    bodies = BodyReader(db)
    for row in written(db):
        body = json.loads(bodies.text(row["body"], row["base"]))
        leaf = {"v": 1, "seq": row["seq"], "kind": row["kind"], "at_utc": row["at_utc"], "body": body}
        data = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert hashlib.sha256(b"\0" + data).digest() == row["leaf_hash"]
