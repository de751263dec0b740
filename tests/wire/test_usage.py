from typing import Any

import pytest

from recorder.model import Iteration, Usage
from recorder.wire.usage import (
    merge_usage,
    parse_converse_usage,
    parse_invocation_metrics,
    parse_token_headers,
    parse_usage,
)

FULL = {
    "input_tokens": 10,
    "output_tokens": 20,
    "cache_creation_input_tokens": 100,
    "cache_read_input_tokens": 50,
    "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 40},
    "output_tokens_details": {"thinking_tokens": 7},
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 3},
    "service_tier": "priority",
    "speed": "fast",
    "inference_geo": "us",
}


def test_every_field_of_the_messages_api_is_read() -> None:
    assert parse_usage(FULL) == Usage(
        input_tokens=10,
        output_tokens=20,
        cache_read_tokens=50,
        cache_write_5m_tokens=60,
        cache_write_1h_tokens=40,
        thinking_tokens=7,
        web_search_requests=2,
        web_fetch_requests=3,
        service_tier="priority",
        speed="fast",
        inference_geo="us",
        raw=FULL,
    )


@pytest.mark.parametrize(
    ("total", "split", "expected"),
    [
        (100, None, (100, 0)),
        (100, {}, (100, 0)),
        (100, {"ephemeral_1h_input_tokens": 100, "ephemeral_5m_input_tokens": 0}, (0, 100)),
        (100, {"ephemeral_1h_input_tokens": 30}, (70, 30)),
        (None, {"ephemeral_1h_input_tokens": 30, "ephemeral_5m_input_tokens": 5}, (5, 30)),
        (120, {"ephemeral_1h_input_tokens": 30, "ephemeral_5m_input_tokens": 70}, (90, 30)),
        (None, None, (0, 0)),
    ],
)
def test_cache_writes_are_split_by_lifetime(total: int | None, split: Any, expected: tuple[int, int]) -> None:
    usage = parse_usage({"cache_creation_input_tokens": total, "cache_creation": split})
    assert (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) == expected


@pytest.mark.parametrize("value", [None, -1, 1.5, "7", True, 2**53, [], {}])
def test_what_is_no_count_counts_as_nothing(value: Any) -> None:
    assert parse_usage({"input_tokens": value, "server_tool_use": value, "cache_creation": value}).input_tokens == 0


def test_iterations_keep_their_own_models() -> None:
    compaction = {"type": "compaction", "input_tokens": 1000, "output_tokens": 50}
    advisor = {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 5, "output_tokens": 6}
    usage = parse_usage({**FULL, "iterations": [compaction, advisor, "?", {"iterations": [compaction]}]})
    assert usage.input_tokens == 10
    assert usage.iterations == (
        Iteration(type="compaction", usage=Usage(input_tokens=1000, output_tokens=50, raw=compaction)),
        Iteration(
            type="advisor_message",
            model="claude-opus-4-8",
            usage=Usage(input_tokens=5, output_tokens=6, raw=advisor),
        ),
        Iteration(type="message", usage=Usage()),
    )


def test_a_cumulative_update_replaces_output_and_keeps_what_it_does_not_know() -> None:
    merged = merge_usage(
        FULL,
        {
            "output_tokens": 0,
            "input_tokens": 0,
            "cache_read_input_tokens": None,
            "cache_creation_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 45},
            "server_tool_use": {"web_search_requests": 4, "web_fetch_requests": None},
            "service_tier": None,
            "iterations": [{"type": "message"}],
        },
    )
    assert merged == {
        **FULL,
        "output_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 60, "ephemeral_1h_input_tokens": 45},
        "server_tool_use": {"web_search_requests": 4, "web_fetch_requests": 3},
        "iterations": [{"type": "message"}],
    }


def test_a_gateway_may_tell_the_input_only_at_the_end() -> None:
    merged = merge_usage({"input_tokens": 0, "output_tokens": 0}, {"input_tokens": 9, "cache_read_input_tokens": 8})
    assert merged == {"input_tokens": 9, "output_tokens": 0, "cache_read_input_tokens": 8}


def test_merging_changes_neither_object() -> None:
    before: dict[str, Any] = {"server_tool_use": {"web_search_requests": 1}}
    merge_usage(before, {"server_tool_use": {"web_search_requests": 2}, "output_tokens": 1})
    assert before == {"server_tool_use": {"web_search_requests": 1}}


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (None, (30, 0)),
        ([{"ttl": "1h", "inputTokens": 20}, {"ttl": "5m", "inputTokens": 10}], (10, 20)),
        ([{"ttl": "1h", "inputTokens": 40}, 5], (0, 40)),
    ],
)
def test_converse_usage(details: Any, expected: tuple[int, int]) -> None:
    raw = {
        "inputTokens": 1,
        "outputTokens": 2,
        "cacheReadInputTokens": 3,
        "cacheWriteInputTokens": 30,
        "cacheDetails": details,
    }
    assert parse_converse_usage(raw) == Usage(
        input_tokens=1,
        output_tokens=2,
        cache_read_tokens=3,
        cache_write_5m_tokens=expected[0],
        cache_write_1h_tokens=expected[1],
        raw=raw,
    )


def test_bedrock_metrics() -> None:
    metrics = {
        "inputTokenCount": 1,
        "outputTokenCount": 2,
        "cacheReadInputTokenCount": 3,
        "cacheWriteInputTokenCount": 4,
        "invocationLatency": 900,
    }
    assert parse_invocation_metrics(metrics) == Usage(
        input_tokens=1, output_tokens=2, cache_read_tokens=3, cache_write_5m_tokens=4, raw=metrics
    )
    assert parse_invocation_metrics({"invocationLatency": 900}) is None


def test_bedrock_token_headers() -> None:
    headers = (
        ("X-Amzn-Bedrock-Input-Token-Count", "1"),
        ("x-amzn-bedrock-output-token-count", "2"),
        ("x-amzn-bedrock-cache-read-input-token-count", "3"),
        ("x-amzn-bedrock-cache-write-input-token-count", "oops"),
        ("content-type", "application/json"),
    )
    usage = parse_token_headers(headers)
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_5m_tokens) == (
        1,
        2,
        3,
        0,
    )
    assert parse_token_headers((("x-amzn-bedrock-invocation-latency", "5"),)) is None
