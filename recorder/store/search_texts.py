"""What of a part is worth searching: what people, models and tools said, without the names and ids around it."""

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from recorder.wire.sources import Said, Source, calls_in, said_in

_SEARCHED = frozenset(
    {Source.USER, Source.MODEL, Source.TOOL_INPUT, Source.TOOL_RESULT, Source.SYSTEM, Source.ERROR, Source.REQUEST}
)
_BESIDE = frozenset({"type", "id", "tool_use_id", "toolUseId", "signature", "role", "data", "media_type", "name"})
"""Members of blocks and messages that are about a text, not one."""
_ABOUT_ANSWER = frozenset({"model", "stop_reason", "stop_sequence", "service_tier", "usage", "container"})
_DATA = frozenset({"encrypted_content", "encrypted_index", "encrypted_stdout", "redactedContent", "bytes"})
_CHARACTERS = 2_000_000
"""Of one text: what is behind them is not found."""
_CALLS = 50_000


class Text(msgspec.Struct, frozen=True):
    """One text of a part."""

    source: str
    tool: str | None
    place: str
    text: str


class Calls:
    """The names of tools by the ids of the calls that were seen last."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()

    def note(self, content: bytes) -> None:
        """Remember the calls of a message."""
        self._names |= calls_in(content)
        while len(self._names) > _CALLS:
            self._names.popitem(last=False)

    def name(self, said: Said) -> str | None:
        """Name the tool that was called, defined, or whose result it is."""
        return said.tool or (self._names.get(said.call_id) if said.call_id else None)


def texts_of(kind: str, role: str | None, content: bytes, calls: Calls) -> Iterator[Text]:
    """Yield the texts of a part in their order."""
    if b"tool_use" in content or b"toolUse" in content:
        calls.note(content)
    for said in said_in(kind, role, content):
        if said.source in _SEARCHED and not said.is_name and said.text.strip() and _is_said(said):
            yield Text(said.source.value, calls.name(said), said.place, said.text[:_CHARACTERS])


def _is_said(said: Said) -> bool:
    """Tell whether a value is a text; in a tool's input every value is."""
    path = said.place.split(".")
    if path[0] in _ABOUT_ANSWER or path[-1] in _DATA:
        return False
    inside_input = said.source is Source.TOOL_INPUT and any(step.partition("[")[0] == "input" for step in path[:-1])
    return inside_input or path[-1] not in _BESIDE
