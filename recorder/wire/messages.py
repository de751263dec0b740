"""The events of the Messages API's stream, put together to the message that they amount to.

Sources: WIRE.md section 2; `lib/streaming/_beta_messages.py` of the anthropic wheel (2.12.0); checked November 2026.
Unlike an SDK this raises on nothing and drops nothing. Beside the API's own fields a message can have:

- `unknown_events`: events that could not be applied, `{"event", "data"}`, or `{"event", "text"}` when not JSON;
- `event_extras`: members of understood events that have no place in the message, `{"event", "index", …}`;
- `error`: what an error event in mid-stream said;
- `amazon-bedrock-invocationMetrics`: Bedrock's counts, from the last event;
- in a block: `partial_json`, the text of a tool input that is no JSON, mostly because the stream was cut.

A second signature for a block is added to the first: nothing is lost, and no provider sends two.
"""

from collections.abc import Callable, Sequence
from typing import Any

from recorder.wire.blocks import Block
from recorder.wire.failure import error_in
from recorder.wire.journal import Delta, ErrorInfo, Event, Journal, read_event
from recorder.wire.plaindelta import KINDS, PLAIN_DELTA, maybe_plain_delta
from recorder.wire.runs import Texts
from recorder.wire.usage import merge_usage

METRICS = "amazon-bedrock-invocationMetrics"

_APPLIED_DELTA_KEYS = ("type", "delta", "usage")
_ASSEMBLED_KEYS = frozenset({"content", "usage", "error", "unknown_events", "event_extras"})
"""Members of the message that this module writes; no event may set them directly."""


class MessageAssembler:
    """Takes the events of one stream in order; `finish` gives the message."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._message: dict[str, Any] = {}
        self._blocks: dict[int, Block] = {}
        self._extras: list[dict[str, Any]] = []
        self._started = False
        self._stopped = False
        self._failure: dict[str, Any] | None = None
        self.error: ErrorInfo | None = None
        self._handlers: dict[str, Callable[[dict[str, Any], int], Delta | str]] = {
            "message_start": self._message_start,
            "content_block_start": self._block_start,
            "content_block_delta": self._block_delta,
            "content_block_stop": self._block_stop,
            "message_delta": self._message_delta,
            "message_stop": self._message_stop,
            "ping": self._ping,
            "error": self._error,
        }

    @property
    def complete(self) -> bool:
        """Whether the stream came to its end and held no error."""
        return self._stopped and self.error is None

    def event(self, name: str, data: str, at_us: int) -> None:
        """Apply one event: the name that its framing gives it (`message` if none), and its JSON text."""
        if name == PLAIN_DELTA and self._take_plain_delta(data, at_us):
            return
        event = read_event(name, data)
        kind = self._kind(event)
        if kind == "ping" and event.value is None:
            self._journal.deltas.append(Delta(at_us, "ping"))
        elif event.value is None:
            self._journal.keep_event(at_us, event, "malformed_event", "an event is not a JSON object")
        elif kind is None:
            self._journal.keep_event(at_us, event, "unknown_event", "an event of an unknown type")
        else:
            outcome = self._handlers[kind](event.value, at_us)
            if isinstance(outcome, Delta):
                self._journal.deltas.append(outcome)
            else:
                anomaly_kind = "unknown_event" if outcome == _UNKNOWN_DELTA else "unexpected_event"
                self._journal.keep_event(at_us, event, anomaly_kind, outcome)

    def _take_plain_delta(self, data: str, at_us: int) -> bool:
        """Add a piece of text to its open block; return False when the event is not as simple as that."""
        event = maybe_plain_delta(data)
        if event is None or type(event.index) is not int:
            return False
        block = self._blocks.get(event.index)
        kind, field = KINDS[type(event.delta)]
        text = event.delta.text
        if block is None or not block.takes_text(field):
            return False
        block.add_texts(field, (text,))
        self._journal.deltas.append(Delta(at_us, kind, event.index, len(text)))
        return True

    def take_texts(self, run: Sequence[Texts], times_us: Sequence[Sequence[int]]) -> bool:
        """Add the pieces of a run, each with its time; return False, with none added, when a block takes them not."""
        blocks = [self._blocks.get(some.block) for some in run]
        if not all(block and block.takes_text(some.field) for block, some in zip(blocks, run, strict=True)):
            return False
        for block, (index, kind, field, texts, _), times in zip(blocks, run, times_us, strict=True):
            assert block
            block.add_texts(field, texts)
            self._journal.deltas += [
                Delta(at_us, kind, index, len(text)) for at_us, text in zip(times, texts, strict=True)
            ]
        return True

    def _kind(self, event: Event) -> str | None:
        kind = event.value.get("type") if event.value is not None else None
        if isinstance(kind, str) and kind in self._handlers:
            return kind
        if event.value is not None and kind is None and event.value.get("error"):
            return "error"
        return event.name if event.name in self._handlers else None

    def fail(self, error: ErrorInfo, at_us: int) -> None:
        """Take an error that the framing carries outside of Messages events (a Bedrock exception)."""
        self._journal.deltas.append(Delta(at_us, "error"))
        if self.error is None:
            self.error = error
            self._failure = {"type": "error", "error": {"type": error.type, "message": error.message}}

    def finish(self) -> dict[str, Any] | None:
        """Return the message as far as it came; None when there was nothing at all."""
        if not self._stopped and self.error is None:
            self._journal.note("truncated", "the stream ended before message_stop")
        if self._failure is not None and not self._started and not self._blocks:
            return self._with_rest(dict(self._failure))
        if not self._started and not self._blocks and not self._message:
            return self._with_rest({}) or None
        message = self._message if self._started else {"type": "message", "role": "assistant", **self._message}
        message["content"] = [self._finish_block(index) for index in sorted(self._blocks)]
        if self._failure is not None:
            message["error"] = self._failure.get("error") or self._failure
            if "error" in self._failure:
                self.keep_extras("error", None, _without(self._failure, "type", "error"))
        return self._with_rest(message)

    def _finish_block(self, index: int) -> dict[str, Any]:
        block = self._blocks[index]
        fields, broken = block.finish()
        if broken is not None:
            detail = "the input of a tool is not JSON" if block.stopped else "the input of a tool was cut off"
            self._journal.note("malformed_tool_input", f"{detail} (block {index})", broken.encode(errors="replace"))
        return fields

    def _with_rest(self, message: dict[str, Any]) -> dict[str, Any]:
        for key, rest in (("event_extras", self._extras), ("unknown_events", self._journal.unknown_events)):
            if rest:
                before = message.get(key)
                message[key] = [*before, *rest] if isinstance(before, list) else rest
        return message

    def keep_extras(self, event: str, index: int | None, extras: dict[str, Any]) -> None:
        """Keep the members of an understood event that have no place in the message, unless they are null."""
        present = {key: value for key, value in extras.items() if value is not None}
        if present:
            place = {} if index is None else {"index": index}
            self._extras.append({"event": event, **place, **present})

    # Handlers: apply the event and return its delta, or say in a sentence why it cannot be applied.

    def _message_start(self, event: dict[str, Any], at_us: int) -> Delta | str:
        message = event.get("message")
        if self._started or not isinstance(message, dict):
            return "a message_start that is not the first, or has no message"
        self._started = True
        early, self._message = self._message, message
        self._apply(early, early.get("usage"))
        content = message.get("content")
        for index, block in enumerate(content if isinstance(content, list) else ()):
            if isinstance(block, dict):
                self._blocks.setdefault(index, Block(block))
        self.keep_extras("message_start", None, _without(event, "type", "message"))
        return Delta(at_us, "message_start")

    def _block_start(self, event: dict[str, Any], at_us: int) -> Delta | str:
        index, fields = event.get("index"), event.get("content_block")
        if type(index) is not int or not isinstance(fields, dict) or index in self._blocks:
            return "a content_block_start without index or block, or for a block that is there"
        block = self._blocks[index] = Block(fields)
        self._take_fallback_model(fields)
        self.keep_extras("content_block_start", index, _without(event, "type", "index", "content_block"))
        return Delta(at_us, "content_block_start", index, block.start_size)

    def _take_fallback_model(self, block: dict[str, Any]) -> None:
        """The last `fallback` block names the model that served the answer; the API's own unstreamed answer says so."""
        to = block.get("to")
        if block.get("type") == "fallback" and isinstance(to, dict) and isinstance(to.get("model"), str):
            self._message["model"] = to["model"]

    def _block_delta(self, event: dict[str, Any], at_us: int) -> Delta | str:
        index, delta = event.get("index"), event.get("delta")
        if type(index) is not int or not isinstance(delta, dict) or not isinstance(delta.get("type"), str):
            return "a content_block_delta without index, delta or type"
        block = self._blocks.get(index) or Block.for_delta(delta["type"])
        added = block.add(delta)
        if added is None:
            return _UNKNOWN_DELTA
        if index not in self._blocks:
            self._blocks[index] = block
            self._journal.note("unexpected_event", f"a delta for block {index}, which had not started")
        elif block.stopped:
            self._journal.note("unexpected_event", f"a delta for block {index}, which had stopped")
        size, extras = added
        self.keep_extras(delta["type"], index, {**_without(event, "type", "index", "delta"), **extras})
        return Delta(at_us, delta["type"], index, size)

    def _block_stop(self, event: dict[str, Any], at_us: int) -> Delta | str:
        index = event.get("index")
        block = self._blocks.get(index) if type(index) is int else None
        if block is None or block.stopped:
            return "a content_block_stop for a block that is not open"
        block.stopped = True
        self.keep_extras("content_block_stop", index, _without(event, "type", "index"))
        return Delta(at_us, "content_block_stop", index)

    def _message_delta(self, event: dict[str, Any], at_us: int) -> Delta | str:
        delta, usage = event.get("delta"), event.get("usage")
        if not isinstance(delta, dict | None) or not isinstance(usage, dict | None):
            return "a message_delta whose delta or usage is no object"
        fields = {**_without(event, *_APPLIED_DELTA_KEYS), **(delta or {})}
        self.keep_extras("message_delta", None, {key: fields[key] for key in fields if key in _ASSEMBLED_KEYS})
        self._apply(_without(fields, *_ASSEMBLED_KEYS), usage)
        return Delta(at_us, "message_delta")

    def _apply(self, fields: dict[str, Any], usage: dict[str, Any] | None) -> None:
        """Set members of the message, unless null would replace something; usage follows rules of its own."""
        for key, value in _without(fields, "usage").items():
            if value is not None or key not in self._message:
                self._message[key] = value
        if usage:
            before = self._message.get("usage")
            self._message["usage"] = merge_usage(before if isinstance(before, dict) else {}, usage)

    def _message_stop(self, event: dict[str, Any], at_us: int) -> Delta | str:
        if self._stopped:
            return "a second message_stop"
        self._stopped = True
        if METRICS in event:
            self._message[METRICS] = event[METRICS]
        self.keep_extras("message_stop", None, _without(event, "type", METRICS))
        return Delta(at_us, "message_stop")

    def _ping(self, event: dict[str, Any], at_us: int) -> Delta | str:
        self.keep_extras("ping", None, _without(event, "type"))
        return Delta(at_us, "ping")

    def _error(self, event: dict[str, Any], at_us: int) -> Delta | str:
        if self.error is not None:
            return "a second error"
        self.error = error_in(event, "error")
        self._failure = event
        return Delta(at_us, "error")


_UNKNOWN_DELTA = "a delta of an unknown type, or without its field"


def _without(event: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in keys}
