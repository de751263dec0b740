"""Plays a stored message again as the stream that it came in.

Invariant: assembling the replay gives the stored message again, whatever redaction did to the lengths of its texts.
Cuts and times are those of the recorded deltas; a text that became shorter runs out early, one that became longer goes
on in its last delta. What many events built up together (usage, stop reason) comes whole, in the last event of its
kind.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from recorder.wire.blocks import PARTIAL_INPUT, TEXT_FIELDS
from recorder.wire.journal import UNKNOWN, Delta
from recorder.wire.jsontext import parse_json, render_json
from recorder.wire.messages import METRICS
from recorder.wire.slices import elements, members, shadow

_BESIDE_MESSAGE = frozenset({"error", "unknown_events", METRICS})
_ENDINGS = ("stop_reason", "stop_sequence", "stop_details", "container", "context_management")
"""What a `message_delta` brings; before it, these are null."""
_LINE_ENDS = re.compile("\r\n|\r|\n")


def replay(message: bytes, deltas: Sequence[Delta]) -> list[tuple[int, bytes]]:
    """Return the events of the stream, as server-sent events, with their times in µs since the request began.

    `message` and `deltas` are an `Answer`'s, redacted or not; an unstreamed answer has no deltas and gives no events.
    Raises ValueError for what is no answer of the Messages API.
    """
    value = parse_json(message)
    if not isinstance(value, dict) or "output" in value:
        raise ValueError("only an answer of the Messages API can be replayed")
    player = _Player(value, _input_texts(message), deltas)
    return [(delta.at_us, player.play(delta)) for delta in deltas]


class _Tape:
    """A text, taken piece by piece."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def take(self, size: int, *, rest: bool = False) -> str:
        start = self._position
        self._position = len(self._text) if rest else min(start + max(size, 0), len(self._text))
        return self._text[start : self._position]


class _BlockPlayer:
    """One content block: what its start shows, and tapes of the texts that its deltas bring."""

    def __init__(self, fields: dict[str, Any], input_text: str, kinds: set[str]) -> None:
        self._fields = dict(fields)
        self.tapes: dict[str, _Tape] = {}
        self._citations: list[Any] = []
        if "input_json_delta" in kinds:
            self.tapes[PARTIAL_INPUT] = _Tape(str(self._fields.pop(PARTIAL_INPUT, input_text)))
            self._fields["input"] = {}
        for kind in kinds - {"input_json_delta"}:
            for name in TEXT_FIELDS.get(kind, ()):
                if isinstance(text := fields.get(name), str):
                    self.tapes[name] = _Tape(text)
                    self._fields[name] = ""
        if "citations_delta" in kinds and isinstance(cited := fields.get("citations"), list):
            self._citations = list(cited)
            self._fields["citations"] = []

    def start(self, size: int) -> dict[str, Any]:
        name = next((name for name in self.tapes if name != PARTIAL_INPUT), None)
        return {**self._fields, name: self.tapes[name].take(size)} if name and size else self._fields

    def delta(self, kind: str, size: int, *, last: bool) -> dict[str, Any]:
        if kind == "citations_delta":
            return {"type": kind, "citation": self._citations.pop(0) if self._citations else None}
        taken = {name: self.tapes[name].take(size, rest=last) for name in TEXT_FIELDS[kind] if name in self.tapes}
        return {"type": kind, **(taken or {TEXT_FIELDS[kind][0]: ""})}


class _Player:
    def __init__(self, message: dict[str, Any], input_texts: list[str], deltas: Sequence[Delta]) -> None:
        self._message = message
        self._left = Counter((delta.event, delta.index) for delta in deltas)
        self._has_start = ("message_start", None) in self._left
        kinds: dict[int, set[str]] = {}
        for delta in deltas:
            if delta.index is not None and (delta.event == "content_block_start" or _is_block_delta(delta.event)):
                kinds.setdefault(delta.index, set()).add(delta.event)
        content = message.get("content")
        blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
        self._given = blocks[: max(0, len(blocks) - len(kinds))]
        streamed = blocks[len(self._given) :]
        texts = input_texts[len(self._given) :]
        self._blocks = {
            index: _BlockPlayer(
                streamed[place] if place < len(streamed) else {},
                texts[place] if place < len(texts) else "",
                kinds[index],
            )
            for place, index in enumerate(sorted(kinds))
        }

    def play(self, delta: Delta) -> bytes:
        self._left[delta.event, delta.index] -= 1
        last = not self._left[delta.event, delta.index]
        if delta.event == "comment":
            return b":\n\n"
        if delta.event == UNKNOWN:
            return self._unknown(delta.index or 0)
        if _is_block_delta(delta.event) and delta.index in self._blocks:
            content = self._blocks[delta.index].delta(delta.event, delta.size, last=last)
            return _sse("content_block_delta", {"index": delta.index, "delta": content})
        return _sse(delta.event, self._event(delta, last=last))

    def _event(self, delta: Delta, *, last: bool) -> dict[str, Any]:
        index = delta.index
        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "message_start": lambda: {"message": self._start()},
            "content_block_start": lambda: {"index": index, "content_block": self._block(index).start(delta.size)},
            "content_block_stop": lambda: {"index": index},
            "message_delta": lambda: self._ending() if last else {"delta": {}},
            "message_stop": lambda: {METRICS: self._message[METRICS]} if METRICS in self._message else {},
            "error": self._error,
            "ping": dict,
        }
        if delta.event not in makers:
            raise ValueError("only a stream of the Messages API can be replayed")
        return makers[delta.event]()

    def _block(self, index: int | None) -> _BlockPlayer:
        if index not in self._blocks:
            raise ValueError(f"there is no content block {index}")
        return self._blocks[index]

    def _start(self) -> dict[str, Any]:
        start = {key: value for key, value in self._message.items() if key not in _BESIDE_MESSAGE}
        start["content"] = self._given
        if ("message_delta", None) in self._left:
            start.update({key: None for key in _ENDINGS if key in start})
        return start

    def _ending(self) -> dict[str, Any]:
        event: dict[str, Any] = {"delta": {key: self._message[key] for key in _ENDINGS if key in self._message}}
        usage = self._message.get("usage")
        if isinstance(usage, dict):
            event["usage"] = {"output_tokens": usage.get("output_tokens")} if self._has_start else usage
        if not self._has_start:
            known = {"type", "role", "content", "usage", "event_extras", *_ENDINGS, *_BESIDE_MESSAGE}
            event |= {key: value for key, value in self._message.items() if key not in known}
        return event

    def _error(self) -> dict[str, Any]:
        if self._has_start or self._blocks:
            return {"error": self._message.get("error")}
        return {key: value for key, value in self._message.items() if key != "unknown_events"}

    def _unknown(self, index: int) -> bytes:
        events = self._message.get("unknown_events")
        event = events[index] if isinstance(events, list) and index < len(events) else {}
        text = str(event["text"]) if "text" in event else render_json(event.get("data")).decode()
        return _frame(str(event.get("event", "message")), text)


def _is_block_delta(event: str) -> bool:
    return event in TEXT_FIELDS or event == "citations_delta"


def _sse(kind: str, event: dict[str, Any]) -> bytes:
    return _frame(kind, render_json({"type": kind, **event}).decode())


def _frame(name: str, data: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in _LINE_ENDS.split(data))
    return f"event: {name}\n{lines}\n".encode(errors="replace")


def _input_texts(message: bytes) -> list[str]:
    """Return, for every object in `content`, the JSON text of its `input` ("" when it has none), as it was streamed."""
    text = shadow(message)
    texts: list[str] = []
    for member in members(text, 0, len(text)):
        if member.key == "content" and text.startswith(b"[", member.value):
            for start, end in elements(text, member.value, member.end):
                if text.startswith(b"{", start):
                    texts.append(_input_text(message, text, start, end))
    return texts


def _input_text(message: bytes, text: bytes, start: int, end: int) -> str:
    for member in members(text, start, end):
        if member.key == "input":
            return message[member.value : member.end].decode()
    return ""
