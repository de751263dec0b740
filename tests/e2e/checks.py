"""What every recorded session of the real client must fulfil, however it was captured."""

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from recorder.demo.requests import SeenRequest
from recorder.demo.scripts import SAMPLE_TOKENS
from tests.e2e.claude_code import COMMAND, ClaudeRun, Planted
from tests.e2e.recording import Record

PLACEHOLDER = re.compile(rb"\[REDACTED:[^\]]*\]")
CLIENT_ROUNDING_USD = Decimal("1e-12")
"""The client adds its costs as binary floating point."""


class Seen(Protocol):
    """One exchange as an end of the wire saw it."""

    request: SeenRequest
    status: int | None
    body: bytes | bytearray

    @property
    def sha256(self) -> str:
        """Hash of the answer's body, hex."""
        ...


def model_calls[T: Seen](exchanges: Sequence[T]) -> list[T]:
    """Give the exchanges that a provider would bill."""
    return [exchange for exchange in exchanges if exchange.request.is_model_call]


def assert_same_bytes(left: Sequence[Seen], right: Sequence[Seen]) -> None:
    """Both ends of the wire saw the same requests and answers, byte for byte.

    A request that the client left before the end of the answer may or may not have reached the right end, which then
    had an answer for nobody; a model call is never among them.
    """
    ended = Counter(_hashes(seen) for seen in left if seen.status is not None)
    abandoned = [seen for seen in left if seen.status is None]
    answered = Counter(map(_hashes, right))
    assert not ended - answered
    assert Counter(each[:3] for each in (answered - ended).elements()) <= Counter(
        _hashes(seen)[:3] for seen in abandoned
    )
    assert not model_calls(abandoned)


async def assert_recorded(
    record: Record, wire: Sequence[Seen], run: ClaudeRun, planted: Planted, cost_factor: Decimal = Decimal(1)
) -> None:
    """The record tells what was on the wire, what it cost, which tool was called, and no secret.

    `cost_factor`: how the price table's cost differs from the client's own, where that is known and right.
    """
    assert run.exit_code == 0, run.output + run.errors
    assert run.result["result"] == "All done."
    calls = model_calls(wire)
    rows = await record.interactions()
    assert len(rows) == len(calls), [(row["path"], row["state"]) for row in rows]
    assert {(row["state"], row["status"]) for row in rows} == {("complete", 200)}
    assert {row["session_id"] for row in rows} == {run.result["session_id"]}
    assert sorted(row["request_bytes"] for row in rows) == sorted(len(call.request.body) for call in calls)
    assert sorted(row["response_bytes"] for row in rows) == sorted(len(call.body) for call in calls)
    assert sorted(str(row["model"]) for row in rows) == sorted(str(call.request.model) for call in calls)
    for row in rows:
        assert_tokens(row)
    _assert_cost(rows, run.result["total_cost_usd"] * cost_factor)
    await _assert_bodies(record, rows, calls, planted.all)
    await _assert_tool_call(record, rows)
    await record.read("usage", "--by", "model", "--db", str(record.db), "--json")
    assert record.leaks() == []


def assert_tokens(row: dict[str, Any]) -> None:
    """A row has the tokens that the synthetic provider reported."""
    names = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    assert {name: row[f"{name}_tokens"] for name in names} == {name: getattr(SAMPLE_TOKENS, name) for name in names}


def _hashes(seen: Seen) -> tuple[str, str, str, int | None, str]:
    return seen.request.method, seen.request.target, seen.request.sha256, seen.status, seen.sha256


def _assert_cost(rows: list[dict[str, Any]], expected: Decimal) -> None:
    total = sum((Decimal(row["cost_usd"]) for row in rows), Decimal(0))
    assert abs(total - expected) <= CLIENT_ROUNDING_USD, [
        (row["model"], row["provider"], row["cost_usd"], row["cost_reason"]) for row in rows
    ]


async def _assert_bodies(
    record: Record, rows: list[dict[str, Any]], calls: Sequence[Seen], secrets: tuple[str, ...]
) -> None:
    """Put together again, each stored request is the one on the wire but for the secrets."""
    stored = sorted([PLACEHOLDER.sub(b"\0", await record.body(row["id"], "request")) for row in rows])
    sent = [call.request.body for call in calls]
    for secret in secrets:
        sent = [body.replace(secret.encode(), b"\0") for body in sent]
    assert stored == sorted(sent)
    assert sum(body.count(b"\0") for body in sent) >= len(secrets), "the secrets never were on the wire"


async def _assert_tool_call(record: Record, rows: list[dict[str, Any]]) -> None:
    (caller,) = [row for row in rows if row["tool_calls"]]
    shown = await record.show(caller["id"])
    (call,) = shown["tool_calls"]
    assert call["name"] == "Bash"
    assert shown["answer"]["content"][1]["input"]["command"] == COMMAND
    assert shown["answer"]["content"][1]["id"] == call["tool_use_id"]
    assert call["is_error"] is False
    assert call["result_id"] in {row["id"] for row in rows} - {caller["id"]}
