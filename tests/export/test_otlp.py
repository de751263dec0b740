"""Spans that OpenTelemetry's own messages take, and figures that mean there what they mean here."""

import base64
import json

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from recorder.export.otlp import LangfuseOtlp, Otlp
from recorder.export.spans import input_tokens
from recorder.store import queries
from scripts.sample import SHOWN

CONTENT = (
    "gen_ai.system_instructions",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.tool.definitions",
    "langfuse.observation.input",
    "langfuse.observation.output",
)


def parsed(line):
    """Read a line as a receiver does; ids are in hex in OTLP's JSON, in base64 in protobuf's."""
    message = json.loads(line)
    for resource in message["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name in ("traceId", "spanId", "parentSpanId"):
                    if name in span:
                        span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return json_format.ParseDict(message, ExportTraceServiceRequest())


def spans(request):
    return [span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]


def values(span):
    found = {}
    for one in span.attributes:
        kind = one.value.WhichOneof("value")
        value = getattr(one.value, kind)
        found[one.key] = [each.string_value for each in value.values] if kind == "array_value" else value
    return found


@pytest.fixture
def wholes(db):
    return {whole.row.id: whole for whole in queries.wholes(db, to=queries.last_seq(db))}


def test_every_interaction_is_a_span_and_every_tool_call_its_child(wholes):
    writer = Otlp(content=False)
    ids = set()
    for whole in wholes.values():
        request = parsed(writer.add(whole))
        assert request.resource_spans[0].scope_spans[0].schema_url == "https://opentelemetry.io/schemas/1.41.1"
        own, *tools = spans(request)
        assert (own.kind, own.parent_span_id) == (Span.SPAN_KIND_CLIENT, b"")
        assert (len(own.trace_id), len(own.span_id)) == (16, 8)
        assert own.end_time_unix_nano >= own.start_time_unix_nano > 1_700_000_000_000_000_000
        assert [tool.name for tool in tools] == [f"execute_tool {call.name}" for call in whole.calls]
        for tool in tools:
            assert (tool.parent_span_id, tool.trace_id) == (own.span_id, own.trace_id)
            assert tool.start_time_unix_nano == own.end_time_unix_nano
        ids |= {span.span_id for span in (own, *tools)}
    assert len(ids) == 14 + sum(len(whole.calls) for whole in wholes.values())


def test_a_session_is_a_trace(wholes):
    writer = Otlp(content=False)
    traces = {}
    for whole in wholes.values():
        for span in spans(parsed(writer.add(whole))):
            traces.setdefault(whole.row.session_id, set()).add(span.trace_id)
    assert [len(found) for found in traces.values()] == [1, 1]
    assert len(set.union(*traces.values())) == 2


def test_input_tokens_hold_cache_tokens_once(wholes):
    row = wholes[SHOWN].row
    found = values(spans(parsed(Otlp(content=False).add(wholes[SHOWN])))[0])
    assert (row.input_tokens, row.cache_read_tokens, row.cache_write_5m_tokens) == (9, 14_210, 880)
    assert found["gen_ai.usage.input_tokens"] == 9 + 14_210 + 880
    assert found["gen_ai.usage.cache_read.input_tokens"] == 14_210
    assert found["gen_ai.usage.cache_creation.input_tokens"] == 880
    assert found["gen_ai.usage.output_tokens"] == 402


def test_what_is_not_known_is_left_out(wholes):
    still_open = next(whole for whole in wholes.values() if whole.row.state == "open")
    found = values(spans(parsed(Otlp(content=False).add(still_open)))[0])
    assert input_tokens(still_open.row) is None
    assert not {"gen_ai.usage.input_tokens", "gen_ai.response.model", "error.type"} & found.keys()


def test_attributes_of_a_call(wholes):
    found = values(spans(parsed(Otlp(content=False).add(wholes[SHOWN])))[0])
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.conversation.id": wholes[SHOWN].row.session_id,
        "gen_ai.request.model": "claude-opus-4-6",
        "gen_ai.request.max_tokens": 32000,
        "gen_ai.response.finish_reasons": ["tool_use"],
        "server.address": "api.anthropic.com",
        "user.id": "ada",
        "recorder.cost_usd": "0.0227",
    }
    assert {name: found[name] for name in expected} == expected


def test_a_failure_is_an_error(wholes):
    failed = next(whole for whole in wholes.values() if whole.row.error_type == "overloaded_error")
    (span,) = spans(parsed(Otlp(content=False).add(failed)))
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert values(span)["error.type"] == "overloaded_error"


@pytest.mark.parametrize("writer", [Otlp, LangfuseOtlp])
def test_content_only_when_asked_for(wholes, writer):
    for whole in wholes.values():
        line = writer(content=False).add(whole)
        assert not {name for span in spans(parsed(line)) for name in values(span)} & set(CONTENT)
        assert b"voucher" not in line.lower()
    found = values(spans(parsed(writer(content=True).add(wholes[SHOWN])))[0])
    names = CONTENT[:4] if writer is Otlp else CONTENT[4:]
    assert set(names) <= found.keys()
    messages = json.loads(found[names[1] if writer is Otlp else names[0]])
    assert [message["role"] for message in messages] == ["user", "assistant", "tool"]
    assert messages[1]["parts"][2]["type"] == "tool_call"
    assert messages[2]["parts"][0] | {"response": ""} == {
        "type": "tool_call_response",
        "id": "toolu_01",
        "response": "",
    }


def test_langfuse_counts_each_token_under_one_kind(wholes):
    own, *tools = spans(parsed(LangfuseOtlp(content=False).add(wholes[SHOWN])))
    found = values(own)
    usage = json.loads(found["langfuse.observation.usage_details"])
    assert usage == {
        "input": 9,
        "output": 402,
        "input_cached_tokens": 14_210,
        "input_cache_creation_5m": 880,
    }
    assert json.loads(found["langfuse.observation.cost_details"]) == {"total": 0.0227}
    assert found["langfuse.observation.type"] == "generation"
    assert found["langfuse.session.id"] == wholes[SHOWN].row.session_id
    assert found["langfuse.user.id"] == "ada"
    assert found["langfuse.observation.completion_start_time"] == '"2026-11-23T09:14:19.940Z"'
    assert [values(tool)["langfuse.observation.type"] for tool in tools] == ["tool"]
