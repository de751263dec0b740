"""What a finished answer says about itself, be it the Messages API's, Converse's or a legacy completion."""

from typing import Any, NamedTuple

from recorder.model import Headers, ToolUse, Usage
from recorder.wire.messages import METRICS
from recorder.wire.usage import parse_converse_usage, parse_invocation_metrics, parse_token_headers, parse_usage


class Said(NamedTuple):
    """The fields of an answer that the record has columns for."""

    model: str | None
    message_id: str | None
    stop_reason: str | None
    usage: Usage | None
    tool_uses: tuple[ToolUse, ...]


def read_answer(message: dict[str, Any], headers: Headers) -> Said:
    """Read an answer; Bedrock's metrics and token headers count only when the message itself has no usage."""
    if isinstance(message.get("output"), dict):
        return _read_converse(message, headers)
    usage, metrics = message.get("usage"), message.get(METRICS)
    return Said(
        model=_text(message.get("model")),
        message_id=_text(message.get("id")),
        stop_reason=_text(message.get("stop_reason")),
        usage=(
            (parse_usage(usage) if isinstance(usage, dict) and usage else None)
            or (parse_invocation_metrics(metrics) if isinstance(metrics, dict) else None)
            or parse_token_headers(headers)
        ),
        tool_uses=_tool_uses(message.get("content")),
    )


def is_answer(message: dict[str, Any]) -> bool:
    """Tell whether this is an answer of a known form."""
    return message.get("type") in {"message", "completion"} or "completion" in message or "output" in message


def _read_converse(answer: dict[str, Any], headers: Headers) -> Said:
    message, usage = answer["output"].get("message"), answer.get("usage")
    return Said(
        model=None,
        message_id=None,
        stop_reason=_text(answer.get("stopReason")),
        usage=parse_converse_usage(usage) if isinstance(usage, dict) and usage else parse_token_headers(headers),
        tool_uses=_tool_uses(message.get("content") if isinstance(message, dict) else None),
    )


def _tool_uses(content: Any) -> tuple[ToolUse, ...]:
    """Return the tool calls, those of server tools and MCP (`…_tool_use`) included."""
    blocks = content if isinstance(content, list) else []
    return tuple(use for index, block in enumerate(blocks) if (use := _tool_use(index, block)) is not None)


def _tool_use(index: int, block: Any) -> ToolUse | None:
    if not isinstance(block, dict):
        return None
    converse = block.get("toolUse")
    if isinstance(converse, dict):
        identity, name = converse.get("toolUseId"), converse.get("name")
    elif str(block.get("type")).endswith("tool_use"):
        identity, name = block.get("id"), block.get("name")
    else:
        return None
    return ToolUse(index, identity, name) if isinstance(identity, str) and isinstance(name, str) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
