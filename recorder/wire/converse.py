"""The events of Bedrock's ConverseStream, put together to what Converse would have answered unstreamed.

Source: `ConverseStreamOutput` and `ConverseResponse` in botocore's bedrock-runtime model (1.44.5, November 2026). The
result is `{"output": {"message": {"role", "content"}}, "stopReason", "usage", "metrics", …}`; as in
`recorder.wire.messages` it can have `unknown_events`, `error` and, in a tool's block, `partial_json`.
"""

from collections.abc import Callable
from typing import Any

from recorder.wire.journal import Delta, ErrorInfo, Journal, read_event
from recorder.wire.jsontext import join_text, parse_json

CONVERSE_EVENTS = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
)

_PADDING = "p"
"""A key whose value only pads the frame, against traffic analysis."""


class ConverseAssembler:
    """Takes the events of one stream in order; `finish` gives the answer."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._answer: dict[str, Any] = {}
        self._message: dict[str, Any] = {}
        self._starts: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, dict[tuple[str, ...], list[str]]] = {}
        self._stopped = self._measured = False
        self.error: ErrorInfo | None = None
        self._handlers: dict[str, Callable[[dict[str, Any], int], Delta | None]] = {
            "messageStart": self._message_start,
            "contentBlockStart": self._block_start,
            "contentBlockDelta": self._block_delta,
            "contentBlockStop": self._block_stop,
            "messageStop": self._message_stop,
            "metadata": self._metadata,
        }

    @property
    def complete(self) -> bool:
        """Whether the message came to its end and held no error; the metadata behind it may still be missing."""
        return self._stopped and self.error is None

    def event(self, name: str, data: str, at_us: int) -> None:
        """Apply one event: its `:event-type` and its payload."""
        event = read_event(name, data)
        if event.value is None:
            self._journal.keep_event(at_us, event, "malformed_event", "an event is not a JSON object")
            return
        event.value.pop(_PADDING, None)
        handler = self._handlers.get(name)
        delta = handler(event.value, at_us) if handler else None
        if delta is None:
            self._journal.keep_event(at_us, event, "unknown_event", "an event that cannot be applied")
        else:
            self._journal.deltas.append(delta)

    def fail(self, error: ErrorInfo, at_us: int) -> None:
        """Take an exception frame."""
        self._journal.deltas.append(Delta(at_us, "error"))
        self.error = self.error or error

    def finish(self) -> dict[str, Any] | None:
        """Return the answer as far as it came; None when there was nothing at all."""
        if self.error is None and not (self._stopped and self._measured):
            self._journal.note("truncated", "the stream ended before messageStop and metadata")
        answer = dict(self._answer)
        content = [self._finish_block(index) for index in sorted(self._starts.keys() | self._texts.keys())]
        if self._message or content:
            answer = {"output": {"message": {**self._message, "content": content}}, **answer}
        if self.error is not None:
            answer["error"] = {"type": self.error.type, "message": self.error.message}
        if self._journal.unknown_events:
            answer["unknown_events"] = self._journal.unknown_events
        return answer or None

    def _finish_block(self, index: int) -> dict[str, Any]:
        block = self._starts.get(index, {})
        for path, pieces in self._texts.get(index, {}).items():
            parent = block
            for key in path[:-1]:
                parent = parent.setdefault(key, {})
            parent[path[-1]] = join_text(pieces)
        tool = block.get("toolUse")
        if isinstance(tool, dict) and isinstance(tool.get("input"), str):
            self._finish_input(index, tool)
        return block

    def _finish_input(self, index: int, tool: dict[str, Any]) -> None:
        text = tool["input"]
        try:
            tool["input"] = parse_json(text or "{}")
        except ValueError:
            tool["input"], tool["partial_json"] = {}, text
            detail = f"the input of a tool is not JSON (block {index})"
            self._journal.note("malformed_tool_input", detail, text.encode(errors="replace"))

    def _message_start(self, event: dict[str, Any], at_us: int) -> Delta | None:
        self._message.update(event)
        return Delta(at_us, "messageStart")

    def _block_start(self, event: dict[str, Any], at_us: int) -> Delta | None:
        index, start = event.get("contentBlockIndex"), event.get("start")
        if type(index) is not int or not isinstance(start, dict | None) or index in self._starts:
            return None
        if start and not all(isinstance(value, dict) for value in start.values()):
            return None
        self._starts[index] = start or {}
        return Delta(at_us, "contentBlockStart", index)

    def _block_delta(self, event: dict[str, Any], at_us: int) -> Delta | None:
        index, delta = event.get("contentBlockIndex"), event.get("delta")
        if type(index) is not int or not isinstance(delta, dict):
            return None
        found = _texts_of(delta)
        if found is None:
            return None
        for path, text in found.items():
            self._texts.setdefault(index, {}).setdefault(path, []).append(text)
        return Delta(at_us, "contentBlockDelta", index, sum(map(len, found.values())))

    def _block_stop(self, event: dict[str, Any], at_us: int) -> Delta | None:
        index = event.get("contentBlockIndex")
        return Delta(at_us, "contentBlockStop", index) if type(index) is int else None

    def _message_stop(self, event: dict[str, Any], at_us: int) -> Delta | None:
        self._stopped = True
        self._answer.update(event)
        return Delta(at_us, "messageStop")

    def _metadata(self, event: dict[str, Any], at_us: int) -> Delta | None:
        self._measured = True
        self._answer.update(event)
        return Delta(at_us, "metadata")


_PATHS = {
    ("text",): ("text",),
    ("toolUse", "input"): ("toolUse", "input"),
    ("reasoningContent", "text"): ("reasoningContent", "reasoningText", "text"),
    ("reasoningContent", "signature"): ("reasoningContent", "reasoningText", "signature"),
    ("reasoningContent", "redactedContent"): ("reasoningContent", "redactedContent"),
}
"""Where a text in a delta belongs in the block of an unstreamed answer."""


def _texts_of(delta: dict[str, Any]) -> dict[tuple[str, ...], str] | None:
    """Return the texts of a delta by their place in the block; None when any of it has no known place."""
    found: dict[tuple[str, ...], str] = {}
    for key, value in delta.items():
        leaves = {(key, name): leaf for name, leaf in value.items()} if isinstance(value, dict) else {(key,): value}
        for path, text in leaves.items():
            place = _PATHS.get(path)
            if place is None or not isinstance(text, str):
                return None
            found[place] = text
    return found
