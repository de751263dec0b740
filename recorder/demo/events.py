"""An answer as events of the Messages protocol, and of Bedrock's Converse (botocore 1.44.5's service model)."""

import json
from collections.abc import Iterator
from typing import Any

from recorder.demo.answers import Answer, Block, Text, Thinking, Tokens, ToolCall


def stop_reason(answer: Answer) -> str:
    """Give the reason that the answer stops for."""
    called = any(isinstance(block, ToolCall) for block in answer.blocks)
    return answer.stop_reason or ("tool_use" if called else "end_turn")


def usage(tokens: Tokens) -> dict[str, Any]:
    """Write a Messages usage object."""
    return {
        "input_tokens": tokens.input,
        "cache_creation_input_tokens": tokens.cache_write_5m + tokens.cache_write_1h,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_5m,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "output_tokens": tokens.output,
        "service_tier": "standard",
    }


def message(answer: Answer, model: str, message_id: str) -> dict[str, Any]:
    """Write the answer as one Messages message."""
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [_block(block) for block in answer.blocks],
        "stop_reason": stop_reason(answer),
        "stop_sequence": None,
        "usage": usage(answer.tokens),
    }


def message_events(answer: Answer, model: str, message_id: str) -> list[dict[str, Any]]:
    """Write the answer as the events of a Messages stream."""
    start = message(answer, model, message_id)
    start |= {"content": [], "stop_reason": None, "usage": start["usage"] | {"output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(answer.blocks):
        events.append({"type": "content_block_start", "index": index, "content_block": _empty(block)})
        deltas = _deltas(block, answer.cut_chars)
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    ending = {"stop_reason": stop_reason(answer), "stop_sequence": None}
    events.append({"type": "message_delta", "delta": ending, "usage": {"output_tokens": answer.tokens.output}})
    events.append({"type": "message_stop"})
    return events


def converse(answer: Answer) -> dict[str, Any]:
    """Write the answer as Converse's one JSON object."""
    return {
        "output": {"message": {"role": "assistant", "content": [_converse_block(block) for block in answer.blocks]}},
        "stopReason": stop_reason(answer),
        "usage": _converse_usage(answer.tokens),
        "metrics": {"latencyMs": 7},
    }


def converse_events(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """Write the answer as ConverseStream's events: type and payload."""
    events: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(answer.blocks):
        if isinstance(block, ToolCall):
            start = {"toolUse": {"toolUseId": block.id, "name": block.name}}
            events.append(("contentBlockStart", {"start": start, "contentBlockIndex": index}))
        deltas = [_converse_delta(delta) for delta in _deltas(block, answer.cut_chars)]
        events += [("contentBlockDelta", {"delta": delta, "contentBlockIndex": index}) for delta in deltas]
        events.append(("contentBlockStop", {"contentBlockIndex": index}))
    events.append(("messageStop", {"stopReason": stop_reason(answer)}))
    events.append(("metadata", {"usage": _converse_usage(answer.tokens), "metrics": {"latencyMs": 7}}))
    return events


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text(text):
            return {"type": "text", "text": text}
        case Thinking(thinking, signature):
            return {"type": "thinking", "thinking": thinking, "signature": signature}
        case ToolCall(id, name, arguments):
            return {"type": "tool_use", "id": id, "name": name, "input": arguments}


def _empty(block: Block) -> dict[str, Any]:
    fields: dict[str, Any] = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {name: fields.get(name, value) for name, value in _block(block).items()}


def _deltas(block: Block, cut_chars: int) -> Iterator[dict[str, Any]]:
    match block:
        case Text(text):
            yield from ({"type": "text_delta", "text": part} for part in _cut(text, cut_chars))
        case Thinking(thinking, signature):
            yield from ({"type": "thinking_delta", "thinking": part} for part in _cut(thinking, cut_chars))
            yield {"type": "signature_delta", "signature": signature}
        case ToolCall(_, _, arguments):
            parts = _cut(json.dumps(arguments), cut_chars)
            yield from ({"type": "input_json_delta", "partial_json": part} for part in parts)


def _cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _converse_block(block: Block) -> dict[str, Any]:
    match block:
        case Text(text):
            return {"text": text}
        case Thinking(thinking, signature):
            return {"reasoningContent": {"reasoningText": {"text": thinking, "signature": signature}}}
        case ToolCall(id, name, arguments):
            return {"toolUse": {"toolUseId": id, "name": name, "input": arguments}}


def _converse_delta(delta: dict[str, Any]) -> dict[str, Any]:
    match delta:
        case {"text": text}:
            return {"text": text}
        case {"thinking": text}:
            return {"reasoningContent": {"text": text}}
        case {"signature": signature}:
            return {"reasoningContent": {"signature": signature}}
        case _:
            return {"toolUse": {"input": delta["partial_json"]}}


def _converse_usage(tokens: Tokens) -> dict[str, int]:
    written = tokens.cache_write_5m + tokens.cache_write_1h
    return {
        "inputTokens": tokens.input,
        "outputTokens": tokens.output,
        "totalTokens": tokens.input + tokens.output + tokens.cache_read + written,
        "cacheReadInputTokens": tokens.cache_read,
        "cacheWriteInputTokens": written,
    }
