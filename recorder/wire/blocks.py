"""One content block of a streamed message, put together from its start and its deltas."""

from collections.abc import Iterable
from typing import Any

import msgspec

from recorder.wire.jsontext import join_text, parse_json, render_json

TEXT_FIELDS = {
    "text_delta": ("text",),
    "thinking_delta": ("thinking",),
    "signature_delta": ("signature",),
    "compaction_delta": ("content", "encrypted_content"),
    "input_json_delta": ("partial_json",),
}
"""Delta type → the fields whose texts add up. A tool's `partial_json` becomes the block's `input`."""

PARTIAL_INPUT = "partial_json"
"""Where a block keeps the text of a tool input that is not JSON (yet)."""

_STARTS: dict[str, dict[str, Any]] = {
    "text_delta": {"type": "text"},
    "citations_delta": {"type": "text"},
    "thinking_delta": {"type": "thinking"},
    "signature_delta": {"type": "thinking"},
    "compaction_delta": {"type": "compaction"},
    "input_json_delta": {"type": "tool_use"},
}
"""What a block must be whose start was never seen."""

_COUNT = "estimated_tokens"
"""Of a `thinking_delta`: an increment; the block keeps the sum."""


class Block:
    """A content block under construction."""

    def __init__(self, start: dict[str, Any]) -> None:
        self._fields = start
        self._texts: dict[str, list[str]] = {}
        self.stopped = False

    @classmethod
    def for_delta(cls, delta_type: str) -> "Block":
        """Make the block that a delta without a start belongs to."""
        return cls(dict(_STARTS.get(delta_type, {})))

    @property
    def start_size(self) -> int:
        """How many characters of text the block began with."""
        names = {name for names in TEXT_FIELDS.values() for name in names}
        return sum(len(value) for name, value in self._fields.items() if name in names and isinstance(value, str))

    def takes_text(self, name: str) -> bool:
        """Say whether it is open, and has nothing else in the place of this text."""
        return not self.stopped and isinstance(self._fields.get(name), str | None)

    def add_texts(self, name: str, texts: Iterable[str]) -> None:
        """Add pieces to a text that it takes."""
        if some := [text for text in texts if text]:
            self._texts.setdefault(name, []).extend(some)

    def add(self, delta: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Apply a delta; return how many characters it added and its members that have no place, None if it is unknown.

        A known delta that lacks its field, or has it in another type, is unknown as well.
        """
        kind = delta.get("type")
        if kind == "citations_delta":
            return self._add_citation(delta)
        names = TEXT_FIELDS.get(kind) if isinstance(kind, str) else None
        if names is None or not self._takes(names, delta):
            return None
        size = 0
        for name in names:
            if text := delta.get(name):
                self._texts.setdefault(name, []).append(text)
                size += len(text)
        return size, self._count_estimate(_others(delta, names))

    def _takes(self, names: tuple[str, ...], delta: dict[str, Any]) -> bool:
        present = [name for name in names if name in delta]
        return bool(present) and all(
            isinstance(delta[name], str | None) and isinstance(self._fields.get(name), str | None) for name in present
        )

    def _add_citation(self, delta: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        so_far = self._fields.get("citations")
        if "citation" not in delta or not isinstance(so_far, list | None):
            return None
        self._fields["citations"] = [*(so_far or ()), delta["citation"]]
        return len(render_json(delta["citation"])), _others(delta, ("citation",))

    def _count_estimate(self, others: dict[str, Any]) -> dict[str, Any]:
        so_far = self._fields.get(_COUNT) or 0
        if type(others.get(_COUNT)) is int and type(so_far) is int:
            self._fields[_COUNT] = so_far + others.pop(_COUNT)
        return others

    def finish(self) -> tuple[dict[str, Any], str | None]:
        """Return the block and, when the text of its tool input is not JSON, that text."""
        fields = self._fields
        broken = None
        for name, pieces in self._texts.items():
            before = fields.get(name) or ""
            fields[name] = join_text([before, *pieces])
        if PARTIAL_INPUT in self._texts:
            text = fields.pop(PARTIAL_INPUT)
            value = _json_or_none(text)
            if value is None:
                fields.setdefault("input", {})
                fields[PARTIAL_INPUT] = broken = text
            else:
                fields["input"] = value
        return fields, broken


def _others(delta: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in delta.items() if key != "type" and key not in names and value is not None}


def _json_or_none(text: str) -> Any:
    """Return a JSON text as it is, ready to be rendered; None when it is none."""
    try:
        parse_json(text)
        return msgspec.Raw(text.strip().encode())
    except UnicodeEncodeError:  # half a character stands in the text itself: escape it
        return msgspec.Raw(render_json(parse_json(text)))
    except ValueError:
        return None
