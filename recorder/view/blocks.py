"""Reads message parts into blocks that a view can lay out, whichever protocol they were spoken in.

Shapes: Anthropic Messages (`{"type": "text", "text": …}`, as in anthropic 2.12.0's types) and Bedrock Converse
(`{"text": …}`, `{"toolUse": {…}}`, as in botocore 1.44.5's service model). Both are open: what is not known becomes a
block of kind OTHER with its JSON, so that a view never hides what was said. Nothing here raises on content.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

_MESSAGE_MEMBERS = {"content", "completion"}


class BlockKind(StrEnum):
    """What a block is to a reader."""

    TEXT = "text"
    THINKING = "thinking"
    CALL = "tool_call"
    RESULT = "tool_result"
    MEDIA = "media"
    OTHER = "other"


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One content block. `text` is what it says; a call's `input` is JSON; `id` ties a call and its result together."""

    kind: BlockKind
    text: str = ""
    id: str | None = None
    name: str | None = None
    input: Any = None
    is_error: bool = False


class Spoken(msgspec.Struct, frozen=True):
    """A message: who says it, and its blocks."""

    role: str
    blocks: tuple[Block, ...]


def read_message(content: bytes, role: str | None = None) -> Spoken:
    """Read a message part or an answer part; `role` is used when the part does not name one."""
    value = decode(content)
    if not isinstance(value, dict):
        return Spoken(role or "unknown", (_other(value),))
    message = _unwrap(value)
    blocks = read_blocks(message.get("content"))
    if isinstance(completion := message.get("completion"), str):  # the answer of /v1/complete
        blocks = (*blocks, _say(completion))
    unknown = value.get("unknown_events")
    if isinstance(unknown, list):
        blocks = (*blocks, *(_other(event, "unknown event") for event in unknown))
    if not blocks and not _MESSAGE_MEMBERS & message.keys():  # an error's body, or what was not understood
        blocks = (_other(value),)
    return Spoken(_text(message.get("role")) or role or "unknown", blocks)


def read_blocks(content: Any) -> tuple[Block, ...]:
    """Read a decoded `content`: a string, a list of blocks, or nothing."""
    if content is None:
        return ()
    if isinstance(content, str):
        return (_say(content),)
    return tuple(_read_block(block) for block in (content if isinstance(content, list) else [content]))


def read_system(content: bytes) -> Block:
    """Read one part of the system slot."""
    return _read_block(decode(content))


def tool_name(content: bytes) -> str:
    """Name the tool that one part of the tools slot defines; a tool of the provider's own is named by its type."""
    value = decode(content)
    if isinstance(value, dict):
        spec = value.get("toolSpec")
        found = (spec.get("name") if isinstance(spec, dict) else None) or value.get("name") or value.get("type")
        if found:
            return str(found)
    return "unnamed"


def decode(content: bytes) -> Any:
    """Decode JSON; what is none is given as the text that it is."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return content.decode("utf-8", "replace")


def _unwrap(value: dict[str, Any]) -> dict[str, Any]:
    """Find the message in Converse's `{"output": {"message": …}}`; every other message is itself."""
    output = value.get("output")
    inner = output.get("message") if isinstance(output, dict) else None
    return inner if isinstance(inner, dict) else value


def _read_block(block: Any) -> Block:
    if isinstance(block, str):
        return _say(block)
    if not isinstance(block, dict):
        return _other(block)
    kind = block.get("type")
    return _read_typed(kind, block) if isinstance(kind, str) else _read_converse(block)


def _read_typed(kind: str, block: dict[str, Any]) -> Block:
    """Read a Messages block; `server_tool_use`, `web_search_tool_result` and their like are read by their endings."""
    reader = _TYPED.get(kind) or _TYPED.get("_".join(kind.split("_")[-2:])) or _other
    return reader(block)


def _read_converse(block: dict[str, Any]) -> Block:
    """Read a block of Converse, which has one member that says what it is."""
    found = next((name for name in _CONVERSE if block.get(name) is not None), None)
    return _CONVERSE[found](block[found]) if found else _other(block)


def _say(text: Any) -> Block:
    return Block(kind=BlockKind.TEXT, text=_text(text))


def _think(text: Any) -> Block:
    return Block(kind=BlockKind.THINKING, text=_text(text))


def _reason(content: Any) -> Block:
    said = content.get("reasoningText") if isinstance(content, dict) else None
    return _think(said.get("text")) if isinstance(said, dict) else _ENCRYPTED


def _call(call: Any) -> Block:
    """Read a call; `partial_json` is where an answer that was cut short keeps an input that is no JSON yet."""
    if not isinstance(call, dict):
        return _other(call)
    given = call.get("input") or call.get("partial_json") or {}
    name = _text(call.get("name")) or "unnamed"
    return Block(kind=BlockKind.CALL, id=_text(call.get("id") or call.get("toolUseId")), name=name, input=given)


def _result(result: Any) -> Block:
    if not isinstance(result, dict):
        return _other(result)
    text = "\n".join(_plain(read_blocks(result.get("content"))))
    failed = result.get("is_error") is True or result.get("status") == "error"
    call_id = _text(result.get("tool_use_id") or result.get("toolUseId"))
    return Block(kind=BlockKind.RESULT, id=call_id, text=text, is_error=failed)


def _plain(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        yield f"[{block.name}] {block.text}".rstrip() if block.kind is BlockKind.MEDIA else block.text


def _media(kind: str, source: Any, form: Any = None) -> Block:
    """Describe an image or a document by its type and size; its data is of no use to a reader."""
    source = source if isinstance(source, dict) else {}
    data = _text(source.get("data") or source.get("bytes"))
    where = _text(source.get("url") or source.get("file_id"))
    size = f"{len(data) * 3 // 4:,} bytes" if data else where
    return Block(kind=BlockKind.MEDIA, name=kind, text=f"{_text(source.get('media_type') or form)} {size}".strip())


def _converse_media(kind: str) -> "_Reader":
    def read(value: Any) -> Block:
        return _media(kind, value.get("source"), value.get("format")) if isinstance(value, dict) else _other(value)

    return read


def _other(value: Any, name: str | None = None) -> Block:
    if name is None and isinstance(value, dict):
        name = _text(value.get("type")) or None
    return Block(kind=BlockKind.OTHER, name=name, text=_text(value))


def _text(value: Any) -> str:
    """Give a string as it is and anything else as its JSON; nothing for None."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


type _Reader = Callable[[Any], Block]

_ENCRYPTED = Block(kind=BlockKind.THINKING, name="encrypted by the provider")

_TYPED: Mapping[str, _Reader] = {
    "text": lambda block: _say(block.get("text")),
    "thinking": lambda block: _think(block.get("thinking")),
    "redacted_thinking": lambda _: _ENCRYPTED,
    "tool_use": _call,
    "tool_result": _result,
    "image": lambda block: _media("image", block.get("source")),
    "document": lambda block: _media("document", block.get("source")),
}
"""Type of a Messages block → what reads the block."""

_CONVERSE: Mapping[str, _Reader] = {
    "toolUse": _call,
    "toolResult": _result,
    "reasoningContent": _reason,
    "text": _say,
    "json": _say,  # inside a tool result
    "image": _converse_media("image"),
    "document": _converse_media("document"),
    "video": _converse_media("video"),
}
"""Member of a Converse block → what reads the member."""
