"""Who said what stands in a stored part: each of its strings with its source and its place.

Shapes: Anthropic Messages and Bedrock Converse. What is neither is walked all the same, so that no string is passed
over. Nothing here raises on content.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from recorder.wire.jsontext import parse_json


class Source(StrEnum):
    """Who sent a string, or where it was sent."""

    USER = "user"
    MODEL = "model"
    TOOL_INPUT = "tool_input"
    TOOL_RESULT = "tool_result"
    SYSTEM = "system"
    TOOL_DEFINITION = "tool_definition"
    REQUEST = "request"
    """In a request beside its lists: settings, metadata; or in a body that could not be cut."""
    HEADER = "header"
    URL = "url"
    ERROR = "error"
    NOTE = "note"
    """In what the recorder noted of the exchange: names, ids, oddities of the wire."""


class Said(msgspec.Struct, frozen=True):
    """One string, a member's value or its name."""

    source: Source
    text: str
    place: str = ""
    """`content[0].input.command`; of a header its name."""
    tool: str | None = None
    """The tool that is called or defined."""
    call_id: str | None = None
    """Of the call that a tool's result answers."""
    is_name: bool = False
    """It is a member's name, not a value."""


type _Context = tuple[Source, str | None, str | None]
"""Source, tool, call id."""

_BY_KIND: Mapping[str, Source] = {
    "system": Source.SYSTEM,
    "tool": Source.TOOL_DEFINITION,
    "message": Source.USER,
    "answer": Source.MODEL,
    "envelope": Source.REQUEST,
    "body": Source.REQUEST,
    "headers": Source.HEADER,
    "error": Source.ERROR,
    "record": Source.NOTE,
}
_BY_ROLE: Mapping[str, Source] = {"assistant": Source.MODEL, "system": Source.SYSTEM, "developer": Source.SYSTEM}
_BY_MEMBER: Mapping[tuple[Source, str], Source] = {
    (Source.REQUEST, "system"): Source.SYSTEM,
    (Source.REQUEST, "prompt"): Source.USER,
    (Source.NOTE, "path"): Source.URL,
}
"""What a member at the top is, where it differs from what is around it."""

_HOLD_BLOCKS = (Source.USER, Source.MODEL)
"""In a call's input and a tool's result, what looks like a block is data."""


def said_in(kind: str, role: str | None, content: bytes) -> Iterator[Said]:
    """Yield the strings of a stored part (or of a record's body: kind `record`), in their order."""
    source = _BY_ROLE.get(role or "", _BY_KIND.get(kind, Source.NOTE))
    try:
        value = parse_json(content)
    except ValueError:
        yield Said(source, content.decode("utf-8", "replace"))
        return
    if kind == "headers":
        yield from _headers(value)
    elif isinstance(value, dict):
        yield from _members(kind, source, value)
    else:
        yield from _walk(value, "", (source, None, None))


def calls_in(content: bytes) -> dict[str, str]:
    """Return the tool calls of a message: id → name of the tool."""
    try:
        stack = [parse_json(content)]
    except ValueError:
        return {}
    found: dict[str, str] = {}
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            call = value.get("toolUse") or value
            if isinstance(call, dict) and (id_ := call.get("id") or call.get("toolUseId")) and call.get("name"):
                found[str(id_)] = str(call["name"])
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return found


def _members(kind: str, source: Source, value: dict[str, Any]) -> Iterator[Said]:
    tool = None
    if kind == "tool":
        spec = value.get("toolSpec")
        tool = _maybe_text((spec if isinstance(spec, dict) else value).get("name"))
    elif kind == "answer" and value.get("type") == "error":
        source = Source.ERROR
    for name, member in value.items():
        yield Said(source, name, tool=tool, is_name=True)
        yield from _walk(member, name, (_BY_MEMBER.get((source, name), source), tool, None))


def _headers(value: Any) -> Iterator[Said]:
    for field in value if isinstance(value, list) else ():
        if isinstance(field, list) and len(field) == 2:
            yield Said(Source.HEADER, str(field[1]), str(field[0]).lower())


def _walk(value: Any, place: str, context: _Context) -> Iterator[Said]:
    # A stack rather than calls: what is nested a thousand deep must not end the walk.
    stack = [(value, place, context)]
    while stack:
        value, place, context = stack.pop()
        if isinstance(value, str):
            yield Said(context[0], value, place, context[1], context[2])
        elif isinstance(value, list):
            stack += [(one, f"{place}[{at}]", context) for at, one in reversed(list(enumerate(value)))]
        elif isinstance(value, dict):
            inner = _entered(value, context)
            for name in value:
                yield Said(inner[0], name, place, inner[1], inner[2], is_name=True)
            below = [(one, f"{place}.{name}", _member(name, one, inner)) for name, one in value.items()]
            stack += reversed(below)


def _entered(value: dict[str, Any], context: _Context) -> _Context:
    """Tell what an object is to those around it: a message of a body, a call, a result, or no block at all."""
    source, kind = context[0], value.get("type")
    if source is Source.REQUEST and isinstance(value.get("role"), str) and "content" in value:
        return _BY_ROLE.get(value["role"], Source.USER), None, None
    if source in _HOLD_BLOCKS and isinstance(kind, str):
        if kind.endswith("tool_use"):
            return Source.TOOL_INPUT, _maybe_text(value.get("name")), None
        if kind.endswith("tool_result"):
            return Source.TOOL_RESULT, None, _maybe_text(value.get("tool_use_id"))
    return context


def _member(name: str, value: Any, context: _Context) -> _Context:
    """Tell what a member is: Converse names a block's kind there."""
    if context[0] in _HOLD_BLOCKS and isinstance(value, dict):
        if name == "toolUse":
            return Source.TOOL_INPUT, _maybe_text(value.get("name")), None
        if name == "toolResult":
            return Source.TOOL_RESULT, None, _maybe_text(value.get("toolUseId"))
    return context


def _maybe_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
