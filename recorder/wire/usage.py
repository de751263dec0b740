"""Tokens, from the providers' several forms of a usage object.

Sources: the anthropic wheel's `types/beta/beta_usage.py`, `beta_message_delta_usage.py` and `beta_*_iteration_usage.py`
(2.12.0), botocore's `TokenUsage` and `CacheDetail` of bedrock-runtime (1.44.5); checked November 2026.
"""

from collections.abc import Mapping
from typing import Any

from recorder.model import Headers, Iteration, Usage

_MAX_TOKENS = 2**53 - 1
"""RFC 8785 carries no larger integer; a count beyond it is no count."""

_POSITIVE_ONLY = frozenset(
    {
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "ephemeral_5m_input_tokens",
        "ephemeral_1h_input_tokens",
    }
)
"""What a `message_delta` replaces only with a value above 0: gateways send 0 for "not known here"."""

_BEDROCK_COUNTS = {
    "input_tokens": ("inputTokenCount", "x-amzn-bedrock-input-token-count"),
    "output_tokens": ("outputTokenCount", "x-amzn-bedrock-output-token-count"),
    "cache_read_input_tokens": ("cacheReadInputTokenCount", "x-amzn-bedrock-cache-read-input-token-count"),
    "cache_creation_input_tokens": ("cacheWriteInputTokenCount", "x-amzn-bedrock-cache-write-input-token-count"),
}


def parse_usage(raw: Mapping[str, Any]) -> Usage:
    """Read the Messages API's usage object; what is absent, or no count, counts as 0.

    Cache writes without their split by lifetime are 5-minute writes, and so is what a total has beyond its split.
    """
    split = _mapping(raw.get("cache_creation"))
    written_1h = _count(split.get("ephemeral_1h_input_tokens"))
    written = _count(raw.get("cache_creation_input_tokens"))
    server = _mapping(raw.get("server_tool_use"))
    return Usage(
        input_tokens=_count(raw.get("input_tokens")),
        output_tokens=_count(raw.get("output_tokens")),
        cache_read_tokens=_count(raw.get("cache_read_input_tokens")),
        cache_write_5m_tokens=max(_count(split.get("ephemeral_5m_input_tokens")), written - written_1h),
        cache_write_1h_tokens=written_1h,
        thinking_tokens=_count(_mapping(raw.get("output_tokens_details")).get("thinking_tokens")),
        web_search_requests=_count(server.get("web_search_requests")),
        web_fetch_requests=_count(server.get("web_fetch_requests")),
        service_tier=_text(raw.get("service_tier")),
        speed=_text(raw.get("speed")),
        inference_geo=_text(raw.get("inference_geo")),
        iterations=_iterations(raw.get("iterations")),
        raw=dict(raw),
    )


def _iterations(entries: Any) -> tuple[Iteration, ...]:
    if not isinstance(entries, list):
        return ()
    return tuple(
        Iteration(
            type=_text(entry.get("type")) or "message",
            model=_text(entry.get("model")),
            usage=parse_usage({key: value for key, value in entry.items() if key != "iterations"}),
        )
        for entry in entries
        if isinstance(entry, dict)
    )


def merge_usage(so_far: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usage object of a stream after one more `message_delta`, whose counts are cumulative.

    A null replaces nothing; input and cache counts are replaced only by values above 0; objects are merged by key.
    """
    merged = dict(so_far)
    for key, value in update.items():
        before = merged.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[key] = {**before, **{name: new for name, new in value.items() if _replaces(name, new)}}
        elif key not in merged or _replaces(key, value):
            merged[key] = value
    return merged


def _replaces(key: str, value: Any) -> bool:
    if value is None:
        return False
    return key not in _POSITIVE_ONLY or _count(value) > 0


def parse_converse_usage(raw: Mapping[str, Any]) -> Usage:
    """Read the usage object of Bedrock's Converse API; its `inputTokens` excludes cache tokens, too."""
    written = _count(raw.get("cacheWriteInputTokens"))
    details = raw.get("cacheDetails")
    written_1h = sum(
        _count(entry.get("inputTokens"))
        for entry in (details if isinstance(details, list) else ())
        if isinstance(entry, dict) and entry.get("ttl") == "1h"
    )
    return Usage(
        input_tokens=_count(raw.get("inputTokens")),
        output_tokens=_count(raw.get("outputTokens")),
        cache_read_tokens=_count(raw.get("cacheReadInputTokens")),
        cache_write_5m_tokens=max(0, written - written_1h),
        cache_write_1h_tokens=written_1h,
        raw=dict(raw),
    )


def parse_invocation_metrics(metrics: Mapping[str, Any]) -> Usage | None:
    """Read `amazon-bedrock-invocationMetrics`; None when it holds no token count."""
    return _bedrock_usage(
        {key: metrics[name] for key, (name, _) in _BEDROCK_COUNTS.items() if name in metrics}, metrics
    )


def parse_token_headers(headers: Headers) -> Usage | None:
    """Read the `x-amzn-bedrock-*-token-count` headers of an answer; None when there are none."""
    sent = {name.lower(): value for name, value in headers if name.lower().startswith("x-amzn-bedrock-")}
    counts = {key: _digits(sent[name]) for key, (_, name) in _BEDROCK_COUNTS.items() if name in sent}
    return _bedrock_usage(counts, sent)


def _bedrock_usage(counts: Mapping[str, Any], raw: Mapping[str, Any]) -> Usage | None:
    if not counts:
        return None
    return Usage(
        input_tokens=_count(counts.get("input_tokens")),
        output_tokens=_count(counts.get("output_tokens")),
        cache_read_tokens=_count(counts.get("cache_read_input_tokens")),
        cache_write_5m_tokens=_count(counts.get("cache_creation_input_tokens")),
        raw=dict(raw),
    )


def _digits(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= _MAX_TOKENS else 0


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
