"""A made-up record for pictures and tests: two sessions with all that a view has to show."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from recorder.ledger.note import SigningKey
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
from recorder.pricing import price
from recorder.store.database import open_writer
from recorder.store.rows import Closed, Link, NewPart, Opened
from recorder.store.writer import Writer
from recorder.wire.facts import tool_results
from recorder.wire.request import cut_request

START = datetime(2026, 11, 23, 9, 14, 7, 120_000, tzinfo=UTC)
OPUS, SONNET, HAIKU = "claude-opus-4-6", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"
HOSTILE = "\x1b[2J\x1b]0;owned\x07 file\u202egpj.exe [bold red]not markup[/] \x9b31m done"

SHOWN = "21adfd5d80a9a39e72a53ebc50c67575"
"""Id of the call that has most to show: tool calls with results, thinking, a secret removed."""

type Json = dict[str, Any]

_KINDS = {Slot.SYSTEM: "system", Slot.TOOLS: "tool", Slot.MESSAGES: "message"}
_SYSTEM = [
    {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.330; cc_entrypoint=cli;"},
    {"type": "text", "text": "You are a coding agent. " + "Work carefully, and say what you did. " * 40},
]
_TOOLS = [
    {"name": name, "description": f"The tool {name}.", "input_schema": {"type": "object"}}
    for name in ("Bash", "Read", "Edit", "Grep", "Task", "WebSearch")
]


class Sample:
    """Writes calls to a database, one after the other."""

    def __init__(self, path: Path, key: SigningKey | None = None) -> None:
        self._writer = Writer(open_writer(path), key=key)
        self._now = START
        self._numbers = itertools.count(1)

    def close(self) -> None:
        """Close the database."""
        self._writer.close()

    def wait(self, seconds: float) -> None:
        """Let time go by between two calls."""
        self._now += timedelta(seconds=seconds)

    def open(self, messages: Sequence[Json], *, model: str = OPUS, agent: str | None = None, **given: Any) -> str:
        """Write the opening of a call; `given` replaces fields of `Opened`. Returns its id."""
        body = {"model": model, "max_tokens": 32000, "system": _SYSTEM, "tools": _TOOLS, "messages": list(messages)}
        body |= {"stream": True}
        raw = json.dumps(body, ensure_ascii=False).encode()
        number = next(self._numbers)
        row = Opened(
            id=hashlib.sha256(f"sample {number}".encode()).hexdigest()[:32],
            run_id="run-1",
            at_utc=_utc(self._now),
            flow_class=FlowClass.MODEL,
            protocol=Protocol.MESSAGES,
            provider=Provider.ANTHROPIC,
            method="POST",
            scheme="https",
            host="api.anthropic.com",
            path=SafeText("/v1/messages?beta=true"),
            identity=Identity(
                session_id="5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00",
                agent_id=agent,
                agent_type="Explore" if agent else None,
                request_class="subagent" if agent else "main",
                client="claude-cli/2.1.330",
            ),
            model=SafeText(model),
            streaming=True,
            project="webshop",
            user="ada",
            request_bytes=len(raw),
            **cut(raw),
        )
        row = msgspec.structs.replace(row, **given)
        self._writer.write([row])
        return row.id

    def close_call(
        self,
        call_id: str,
        content: Sequence[Json] | None,
        usage: Usage | None,
        *,
        ms: int,
        model: str = OPUS,
        **given: Any,
    ) -> None:
        """Write the closing of a call that took `ms`; `given` replaces fields of `Closed`."""
        self._now += timedelta(milliseconds=ms)
        provider = given.get("provider", Provider.ANTHROPIC)
        cost = price(usage, provider, model, at=self._now) if usage else None
        message = {"type": "message", "role": "assistant", "model": model, "content": content}
        uses = [(n, block) for n, block in enumerate(content or ()) if block["type"] == "tool_use"]
        row = Closed(
            id=call_id,
            at_utc=_utc(self._now),
            state=State.COMPLETE,
            status=200,
            provider=provider,
            model=SafeText(model),
            message_id=f"msg_{call_id[:12]}",
            request_id=f"req_{call_id[:12]}",
            stop_reason="tool_use" if uses else "end_turn",
            usage=usage,
            cost_usd=cost.usd if cost else None,
            cost=msgspec.to_builtins(cost) if cost else {},
            ttft_us=min(ms * 200, 1_400_000),
            duration_us=ms * 1000,
            response_bytes=420 + 9 * (usage.output_tokens if usage else 0),
            answer=part("answer", message) if content else None,
            timing=part("timing", [[at, "content_block_delta", 0, 9] for at in range(ms * 200, ms * 1000, 90_000)]),
            tool_uses=tuple(ToolUse(n, block["id"], block["name"]) for n, block in uses),
        )
        self._writer.write([msgspec.structs.replace(row, **given)])


def fill(path: Path, key: SigningKey | None = None) -> None:
    """Write the whole sample to a new database at `path`, signed when there is a key."""
    sample = Sample(path, key)
    try:
        _fix_a_bug(sample)
        _go_wrong(sample)
        _other_project(sample)
    finally:
        sample.close()


def said(role: str, *content: str | Json) -> Json:
    """Make a message; a string is a text block."""
    return {"role": role, "content": [{"type": "text", "text": c} if isinstance(c, str) else c for c in content]}


def called(tool_id: str, name: str, **given: Any) -> Json:
    """Make a tool call."""
    return {"type": "tool_use", "id": tool_id, "name": name, "input": given}


def gave(tool_id: str, text: str, *, is_error: bool = False) -> Json:
    """Make a tool result."""
    return {"type": "tool_result", "tool_use_id": tool_id, "content": text, "is_error": is_error}


def thought(text: str) -> Json:
    """Make a thinking block."""
    return {"type": "thinking", "thinking": text, "signature": "c2lnbmF0dXJl"}


def _fix_a_bug(sample: Sample) -> None:
    ask = said("user", "The cart shows the wrong total when a voucher is applied twice. Find out why and fix it.")
    title = sample.open([said("user", "Title for: wrong total with two vouchers")], model=HAIKU, path="/v1/messages")
    sample.close_call(title, [{"type": "text", "text": "Fix voucher total"}], _used(412, 9), ms=640, model=HAIKU)

    run = called("toolu_01", "Bash", command="pytest -q tests/test_cart.py")
    look = called(
        "toolu_02", "Task", description="Find voucher code", prompt="Where are vouchers applied?\nList files."
    )
    thinking = thought("The total is computed in the cart. Two vouchers may be added before the discount is capped.")
    first = [thinking, {"type": "text", "text": "I run the tests and let a subagent look for the code."}, run, look]
    call = sample.open([ask], headers=(("anthropic-version", SafeText("2023-06-01")),))
    sample.close_call(call, first, _used(6, 318, write=14_210, thinking=96), ms=6_420)

    _explore(sample)

    failed = gave(
        "toolu_01",
        "F.......\nE   assert cart.total == Decimal('81.00')\nE   AssertionError: 72.90 != 81.00\n1 failed, 7 passed",
        is_error=True,
    )
    found = gave("toolu_02", "Vouchers are applied in shop/cart.py, lines 40-58 (Cart.apply_voucher).")
    second = [ask, {"role": "assistant", "content": first}, said("user", failed, found)]
    edit = called(
        "toolu_03",
        "Edit",
        file_path="shop/cart.py",
        old_string="self.vouchers.append(voucher)",
        new_string="if voucher.code in self.codes:\n    raise VoucherAlreadyUsed()\nself.vouchers.append(voucher)",
    )
    answer = [
        {"type": "text", "text": "`apply_voucher` never checks whether the code was used before. I add that."},
        edit,
    ]
    call = sample.open(second, findings=(Finding("github-pat", "a3" * 16, 2),))
    sample.close_call(call, answer, _used(9, 402, read=14_210, write=880), ms=8_130)
    sample.wait(0.34)

    third = [*second, {"role": "assistant", "content": answer}, said("user", gave("toolu_03", "The file was updated."))]
    call = sample.open(third)
    error = {"error_type": "overloaded_error", "error_message": SafeText("Overloaded"), "stop_reason": None}
    sample.close_call(call, None, None, ms=310, state=State.FAILED, status=529, timing=None, **error)
    sample.wait(2)
    call = sample.open(third)
    done = {
        "type": "text",
        "text": "A voucher now counts once: a second use raises VoucherAlreadyUsed. All 8 tests pass.",
    }
    sample.close_call(call, [done], _used(7, 122, read=15_090, write=455), ms=3_020)


def _explore(sample: Sample) -> None:
    sub = {"model": SONNET, "agent": "a7c3"}
    ask = said("user", "Where are vouchers applied?\nList files.")
    grep = called("toolu_11", "Grep", pattern="voucher", path="shop/")
    call = sample.open([ask], **sub)
    sample.close_call(call, [grep], _used(3, 88, write=9_120), ms=2_310, model=SONNET)
    hits = gave("toolu_11", "\n".join(f"shop/cart.py:{n}: voucher" for n in range(40, 59)) + f"\n{HOSTILE}")
    call = sample.open([ask, {"role": "assistant", "content": [grep]}, said("user", hits)], **sub)
    text = {"type": "text", "text": "Vouchers are applied in shop/cart.py, lines 40-58 (Cart.apply_voucher)."}
    sample.close_call(call, [text], _used(4, 61, read=9_120, write=512), ms=2_050, model=SONNET)


def _go_wrong(sample: Sample) -> None:
    """Add what does not go well: broken off, unknown model, refused, still open."""
    ask = said("user", "Write the release notes.")
    sample.wait(60)
    call = sample.open([ask])
    partial = [{"type": "text", "text": "# Release notes\n\n- Vouchers count on"}]
    broken: dict[str, Any] = {"state": State.ABORTED, "reason": "client went away", "stop_reason": None}
    odd = ("truncated: the stream ended before message_stop",)
    sample.close_call(call, partial, None, ms=1_900, anomalies=odd, **broken)
    call = sample.open([ask], model="house-model-7b")
    text = [{"type": "text", "text": "Vouchers count once."}]
    sample.close_call(call, text, _used(1_204, 48), ms=1_240, model="house-model-7b", provider=Provider.GATEWAY)
    call = sample.open([ask])
    why = {"reason": "the record could not be written", "status": 503, "stop_reason": None, "timing": None}
    sample.close_call(call, None, None, ms=12, state=State.BLOCKED, **why)
    sample.open([ask])


def _other_project(sample: Sample) -> None:
    sample.wait(26 * 3600)
    session = Identity(session_id="c81e728d-9d4c-4f63-8f06-7f89cc14862c", client="claude-cli/2.1.330")
    bedrock = {"protocol": Protocol.BEDROCK_INVOKE, "provider": Provider.BEDROCK, "project": "billing", "user": "grace"}
    model = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    talk: list[Json] = []
    for turn in range(3):
        talk.append(said("user", f"Question {turn + 1}: what does invoice.py do?"))
        call = sample.open(talk, model=model, identity=session, path=f"/model/{model}/invoke", **bedrock)
        answer = {"type": "text", "text": f"Answer {turn + 1}: it makes invoices."}
        used = _used(30 + turn, 40 + 9 * turn, read=4_000 * turn, write=4_000)
        sample.close_call(call, [answer], used, ms=900 + 100 * turn, model=model, provider=Provider.BEDROCK)
        talk.append({"role": "assistant", "content": [answer]})
        sample.wait(20)


def _used(tokens_in: int, out: int, *, read: int = 0, write: int = 0, thinking: int = 0) -> Usage:
    return Usage(
        input_tokens=tokens_in,
        output_tokens=out,
        cache_read_tokens=read,
        cache_write_5m_tokens=write,
        thinking_tokens=thinking,
    )


def part(kind: str, content: Any, role: str | None = None) -> NewPart:
    """Make a part of JSON or of bytes as they are."""
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    digest = hashlib.sha256(b"\0".join([kind.encode(), (role or "").encode(), data])).digest()
    return NewPart(kind=kind, role=role, content=SafeBytes(data), digest=digest)


def cut(body: bytes) -> dict[str, Any]:
    """Cut a body into the fields of `Opened` that hold it."""
    pieces = cut_request(body)
    return {
        "envelope": part("envelope", pieces.envelope),
        "slots": pieces.slots,
        "chains": {
            slot: tuple(
                Link(
                    part(_KINDS[slot], piece.content, piece.role),
                    None if piece.lead is None else SafeBytes(piece.lead),
                )
                for piece in found
            )
            for slot, found in pieces.pieces.items()
        },
        "marks": tuple(
            (slot, position, mark.offset, SafeBytes(mark.data))
            for slot, found in pieces.pieces.items()
            for position, piece in enumerate(found)
            for mark in piece.marks
        ),
        "tool_results": tuple(_results(pieces.pieces.get(Slot.MESSAGES, ()))),
    }


def _results(pieces: Sequence[Any]) -> Iterator[tuple[ToolResult, int]]:
    for position, piece in enumerate(pieces):
        for result in tool_results(piece.content):
            yield result, position


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
