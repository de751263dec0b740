"""What was said, in the form that the GenAI semantic conventions have for it: messages of parts, as JSON."""

from typing import Any

import msgspec

from recorder.store.results import Whole
from recorder.view.blocks import Block, BlockKind, Spoken, decode, read_blocks, read_message

_SETTINGS = {
    "max_tokens": ("gen_ai.request.max_tokens", int),
    "temperature": ("gen_ai.request.temperature", float),
    "top_p": ("gen_ai.request.top_p", float),
    "top_k": ("gen_ai.request.top_k", float),
}


def settings(whole: Whole) -> dict[str, Any]:
    """Return the parameters that the conventions have attributes for."""
    body = _body(whole)
    found = {
        attribute: kind(body[name])
        for name, (attribute, kind) in _SETTINGS.items()
        if isinstance(body.get(name), int | float)
    }
    stops = body.get("stop_sequences")
    return found | ({"gen_ai.request.stop_sequences": list(map(str, stops))} if isinstance(stops, list) else {})


def conversation_attributes(whole: Whole) -> dict[str, Any]:
    """Return system prompt, messages, tools and answer as attributes whose values are JSON."""
    body = _body(whole)
    tools = body.get("tools")
    return {
        "gen_ai.system_instructions": _json([_part(block) for block in read_blocks(body.get("system"))]),
        "gen_ai.input.messages": _json(input_messages(whole)),
        "gen_ai.tool.definitions": _json(tools if isinstance(tools, list) else []),
        "gen_ai.output.messages": _json(output_messages(whole)),
    }


def input_messages(whole: Whole) -> list[dict[str, Any]]:
    """Return the messages of the request."""
    found = _body(whole).get("messages")
    return [_message(read_message(msgspec.json.encode(one))) for one in (found if isinstance(found, list) else [])]


def output_messages(whole: Whole) -> list[dict[str, Any]]:
    """Return the answer as a list of one message; an empty one when there is none."""
    if whole.answer is None:
        return []
    message = _message(read_message(whole.answer, "assistant"))
    return [message | {"finish_reason": whole.row.stop_reason or whole.row.state}]


def _body(whole: Whole) -> dict[str, Any]:
    body = decode(whole.request) if whole.request else None
    return body if isinstance(body, dict) else {}


def _message(spoken: Spoken) -> dict[str, Any]:
    is_tool = bool(spoken.blocks) and all(block.kind is BlockKind.RESULT for block in spoken.blocks)
    return {"role": "tool" if is_tool else spoken.role, "parts": [_part(block) for block in spoken.blocks]}


def _part(block: Block) -> dict[str, Any]:
    match block.kind:
        case BlockKind.TEXT:
            return {"type": "text", "content": block.text}
        case BlockKind.THINKING:
            return {"type": "reasoning", "content": block.text}
        case BlockKind.CALL:
            return {"type": "tool_call", "id": block.id, "name": block.name, "arguments": block.input}
        case BlockKind.RESULT:
            return {"type": "tool_call_response", "id": block.id, "response": block.text}
        case _:
            return {"type": block.name or block.kind.value, "content": block.text}


def _json(value: list[Any]) -> str | None:
    return msgspec.json.encode(value).decode() if value else None
