"""What a request says about itself, read without building the conversation that it carries."""

from typing import Any

import msgspec

from recorder.model import ToolResult
from recorder.wire.jsontext import parse_json
from recorder.wire.slices import decode_shallow


class RequestFacts(msgspec.Struct, frozen=True):
    """Fields of a Messages request; None for what is absent or of another type.

    `thread` is `create` or `continue`; a continued thread names the answer it follows in `previous_message_id`.
    """

    model: str | None = None
    stream: bool | None = None
    max_tokens: int | None = None
    metadata_user_id: str | None = None
    thread: str | None = None
    previous_message_id: str | None = None


class _Fields(msgspec.Struct):
    model: msgspec.Raw = msgspec.Raw()
    stream: msgspec.Raw = msgspec.Raw()
    max_tokens: msgspec.Raw = msgspec.Raw()
    metadata: msgspec.Raw = msgspec.Raw()
    thread: msgspec.Raw = msgspec.Raw()


class _Message(msgspec.Struct):
    content: list[msgspec.Raw]


class _Block(msgspec.Struct):
    """What nearly every block is that may hold a tool's result; what this has no type for is read as what it is."""

    type: str = ""
    tool_use_id: str | None = None
    is_error: bool | None = None
    content: msgspec.Raw = msgspec.Raw()
    converse: msgspec.Raw = msgspec.field(name="toolResult", default=msgspec.Raw())

    @property
    def is_plain(self) -> bool:
        """Whether nothing of it needs to be looked into."""
        return not bytes(self.converse) and not bytes(self.content).startswith(b"{")


class _PlainMessage(msgspec.Struct):
    content: list[_Block]


_decode_fields = msgspec.json.Decoder(_Fields).decode
_decode_message = msgspec.json.Decoder(_Message).decode
_decode_plain = msgspec.json.Decoder(_PlainMessage).decode


def request_facts(body: bytes) -> RequestFacts:
    """Return what the body says; never raises, whatever the body is."""
    try:
        fields = decode_shallow(_decode_fields, body)
    except ValueError:
        return RequestFacts()
    metadata, thread = _value(fields.metadata), _value(fields.thread)
    return RequestFacts(
        model=_typed(_value(fields.model), str),
        stream=_typed(_value(fields.stream), bool),
        max_tokens=_typed(_value(fields.max_tokens), int),
        metadata_user_id=_member(metadata, "user_id"),
        thread=_member(thread, "type"),
        previous_message_id=_member(thread, "previous_message_id"),
    )


def _value(raw: msgspec.Raw) -> Any:
    text = bytes(raw)
    try:
        return parse_json(text) if text else None
    except ValueError:
        return None


def _typed[T](value: Any, kind: type[T]) -> T | None:
    return value if type(value) is kind else None


def _member(value: Any, key: str) -> str | None:
    return _typed(value.get(key), str) if isinstance(value, dict) else None


def tool_results(message: bytes) -> tuple[ToolResult, ...]:
    """Return the tool results in one message (JSON bytes) of a request; never raises.

    Results of server tools and MCP (`…_tool_result`), which stand in assistant messages, and Converse's `toolResult`
    count as well.
    """
    if b"tool_result" not in message and b"toolResult" not in message:
        return ()
    plain = _maybe_plain(message)
    if plain is not None:
        results = (block for block in plain if block.type.endswith("tool_result") and block.tool_use_id is not None)
        return tuple(ToolResult(block.tool_use_id or "", block.is_error is True) for block in results)
    try:
        blocks = decode_shallow(_decode_message, message).content
    except ValueError:
        return ()
    return tuple(result for block in blocks if (result := _tool_result(bytes(block))) is not None)


def _maybe_plain(message: bytes) -> list[_Block] | None:
    try:
        blocks = _decode_plain(message).content
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return blocks if all(block.is_plain for block in blocks) else None


def _tool_result(block: bytes) -> ToolResult | None:
    if b"tool_result" not in block and b"toolResult" not in block:
        return None
    try:
        fields = parse_json(block)
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    converse = fields.get("toolResult")
    if isinstance(converse, dict) and isinstance(converse.get("toolUseId"), str):
        return ToolResult(converse["toolUseId"], converse.get("status") == "error")
    if not str(fields.get("type")).endswith("tool_result") or not isinstance(fields.get("tool_use_id"), str):
        return None
    return ToolResult(fields["tool_use_id"], fields.get("is_error") is True or _is_error(fields.get("content")))


def _is_error(content: Any) -> bool:
    """Tell whether a server tool's result is one of its error objects (`web_search_tool_result_error`)."""
    return isinstance(content, dict) and str(content.get("type")).endswith("_error")
