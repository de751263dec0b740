from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.model import FlowClass, Headers, Protocol, Provider
from recorder.wire.classify import Call, classify, provider_of, refine_provider

MODEL, SUPPORT, OTHER = FlowClass.MODEL, FlowClass.SUPPORT, FlowClass.OTHER
ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"
VERTEX = "/projects/p-1/locations/us-east5/publishers/anthropic/models/"


def model(protocol: Protocol, name: str | None, streaming: bool | None, prefix: str) -> Call:
    return Call(MODEL, protocol, Provider.GATEWAY, name, streaming, prefix)


MODEL_CALLS = [
    ("/v1/messages", model(Protocol.MESSAGES, None, None, "")),
    ("/v1/messages?beta=true", model(Protocol.MESSAGES, None, None, "")),
    ("/v1/messages?next=/v1/messages/count_tokens", model(Protocol.MESSAGES, None, None, "")),
    ("/v1/messages/", model(Protocol.MESSAGES, None, None, "")),
    ("/anthropic/v1/messages", model(Protocol.MESSAGES, None, None, "/anthropic")),
    ("/api/v1/messages", model(Protocol.MESSAGES, None, None, "/api")),
    ("/v1/acct/gw/anthropic/v1/messages", model(Protocol.MESSAGES, None, None, "/v1/acct/gw/anthropic")),
    ("//v1/messages", model(Protocol.MESSAGES, None, None, "/")),
    ("/v1/%6Dessages", model(Protocol.MESSAGES, None, None, "")),
    ("/v1/complete", model(Protocol.COMPLETE, None, None, "")),
    ("/x/v1/complete", model(Protocol.COMPLETE, None, None, "/x")),
    ("/model/m/invoke", model(Protocol.BEDROCK_INVOKE, "m", False, "")),
    ("/model/m/invoke-with-response-stream", model(Protocol.BEDROCK_INVOKE, "m", True, "")),
    ("/model/m/converse", model(Protocol.BEDROCK_CONVERSE, "m", False, "")),
    ("/bedrock/model/m/converse-stream", model(Protocol.BEDROCK_CONVERSE, "m", True, "/bedrock")),
    ("/model/a.claude-v1:0/invoke", model(Protocol.BEDROCK_INVOKE, "a.claude-v1:0", False, "")),
    ("/model/a.claude-v1%3A0/invoke", model(Protocol.BEDROCK_INVOKE, "a.claude-v1:0", False, "")),
    (f"/model/{quote(ARN, safe='')}/invoke", model(Protocol.BEDROCK_INVOKE, ARN, False, "")),
    (f"/bedrock/model/{quote(ARN)}/invoke?x", model(Protocol.BEDROCK_INVOKE, ARN, False, "/bedrock")),
    ("/bedrock/model/team/a/invoke", model(Protocol.BEDROCK_INVOKE, "team/a", False, "/bedrock")),
    ("/bedrock/model/team/model/invoke/invoke", model(Protocol.BEDROCK_INVOKE, "team/model/invoke", False, "/bedrock")),
    (f"/v1{VERTEX}claude-x@20250929:rawPredict", model(Protocol.VERTEX, "claude-x@20250929", False, "/v1")),
    (f"/v1{VERTEX}claude-x%4020250929%3ArawPredict", model(Protocol.VERTEX, "claude-x@20250929", False, "/v1")),
    (f"/vertex_ai/v1{VERTEX}c:streamRawPredict", model(Protocol.VERTEX, "c", True, "/vertex_ai/v1")),
    (f"/vertex_ai{VERTEX}c:streamRawPredict?alt=sse", model(Protocol.VERTEX, "c", True, "/vertex_ai")),
    ("/x/publishers/anthropic/models/c:rawPredict", model(Protocol.VERTEX, "c", False, "/x")),
    (f"/v1{VERTEX}count-tokens-pro:rawPredict", model(Protocol.VERTEX, "count-tokens-pro", False, "/v1")),
]


@pytest.mark.parametrize(("path", "expected"), MODEL_CALLS)
def test_model_calls(path: str, expected: Call) -> None:
    assert classify("POST", "gateway.test", path) == expected
    assert classify("post", "gateway.test", path) == expected


@pytest.mark.parametrize("path", [path for path, _ in MODEL_CALLS])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_only_a_post_is_a_model_call(method: str, path: str) -> None:
    assert classify(method, "gateway.test", path) == Call(OTHER, None, Provider.GATEWAY, None, None, "")


SUPPORT_CALLS = [
    ("POST", "/v1/messages/count_tokens", "", None),
    ("POST", "/anthropic/v1/messages/count_tokens?beta=true", "/anthropic", None),
    ("POST", "/v1/messages/cache_touch", "", None),
    ("POST", "/v1/messages/batches", "", None),
    ("GET", "/api/v1/messages/batches/msgbatch_1/results", "/api", None),
    ("POST", "/bedrock/model/a/b/count-tokens", "/bedrock", "a/b"),
    ("POST", f"/v1{VERTEX}count-tokens:rawPredict", "/v1", None),
    ("GET", "/v1/models?limit=1000", "", None),
    ("GET", "/v1/models/claude-x", "", None),
    ("POST", "/v1/files", "", None),
    ("DELETE", "/x/v1/files/file_1/content", "/x", None),
    ("GET", "/inference-profiles?type=SYSTEM_DEFINED", "", None),
    ("GET", "/bedrock/inference-profiles/us.anthropic.x", "/bedrock", None),
]


@pytest.mark.parametrize(("method", "path", "prefix", "name"), SUPPORT_CALLS)
def test_support_calls(method: str, path: str, prefix: str, name: str | None) -> None:
    assert classify(method, "gateway.test", path) == Call(SUPPORT, None, Provider.GATEWAY, name, None, prefix)


NO_INTERACTIONS = [
    "/api/hello",
    "/api/event_logging/batch",
    "/api/event_logging/v2/batch",
    "/api/claude_code/metrics",
    "/managed/settings",
    "/api/eval/sdk-x",
    "/api/oauth/profile",
    "/v1/oauth/token",
    "/oauth/authorize",
    "/.well-known/oauth-protected-resource",
    "/api/claude_cli/bootstrap",
    "/api/claude_cli_feedback",
    "/api/web/domain_info",
    "/api/directory/servers",
    "/v1/mcp_servers",
    "/v1/metrics",
    "/v1/logs",
    "/v1/traces",
    "/v1/code/sessions",
    "/v1/sessions",
    "/v1/sessions/s_1/events",
    "/api/claude_code/organizations/metrics_enabled",
]

NEAR_MISSES = [
    "/",
    "/messages",
    "/v1/message",
    "/v1/messages2",
    "/v1/messagesx/",
    "/v1/messages/other",
    "/v2/messages",
    "/xv1/messages",
    "/v1/completes",
    "/model/m",
    "/model//invoke",
    "/model/invoke",
    "/models/m/invoke",
    "/model/m/invokes",
    "/model/m/xinvoke",
    "/model/m/invoke/x",
    "/publishers/google/models/g:rawPredict",
    "/publishers/anthropic/models/c:predict",
    "/publishers/anthropic/models/c",
    "/publishers/anthropic/models/a/b:rawPredict",
    "/publishers/anthropic/models/:rawPredict",
    "/v1/modelsx",
    "/v1/filesystem",
    "/inference-profilesx",
    "*",
    "/?next=/v1/messages",
    "/x#/v1/messages",
    "",
]


@pytest.mark.parametrize("path", NO_INTERACTIONS + NEAR_MISSES)
def test_everything_else_is_no_model_interaction(path: str) -> None:
    assert classify("POST", "gateway.test", path) == Call(OTHER, None, Provider.GATEWAY, None, None, "")


HOSTS = [
    ("api.anthropic.com", Provider.ANTHROPIC),
    ("API.Anthropic.COM.:443", Provider.ANTHROPIC),
    ("aws-external-anthropic.us-west-2.api.aws", Provider.ANTHROPIC),
    ("claude.googleapis.com", Provider.ANTHROPIC),
    ("bedrock-runtime.us-east-1.amazonaws.com", Provider.BEDROCK),
    ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", Provider.BEDROCK),
    ("bedrock-runtime.us-east-1.api.aws", Provider.BEDROCK),
    ("vpce-0a1-b2.bedrock-runtime.eu-west-1.vpce.amazonaws.com", Provider.BEDROCK),
    ("bedrock-runtime.cn-north-1.amazonaws.com.cn", Provider.BEDROCK),
    ("bedrock-mantle.us-east-1.api.aws", Provider.MANTLE),
    ("aiplatform.googleapis.com", Provider.VERTEX),
    ("aiplatform.eu.rep.googleapis.com", Provider.VERTEX),
    ("us-east5-aiplatform.googleapis.com:443", Provider.VERTEX),
    ("aiplatform-psc.p.googleapis.com", Provider.VERTEX),
    ("my-resource.services.ai.azure.com", Provider.FOUNDRY),
    ("gateway.ai.cloudflare.com", Provider.GATEWAY),
    ("anthropic.helicone.ai", Provider.GATEWAY),
    ("openrouter.ai", Provider.GATEWAY),
    ("127.0.0.1:4000", Provider.GATEWAY),
    ("[::1]:4000", Provider.GATEWAY),
    ("", Provider.GATEWAY),
    ("api.anthropic.com.evil.test", Provider.GATEWAY),
    ("xapi.anthropic.com", Provider.GATEWAY),
    ("apixanthropic.com", Provider.GATEWAY),
    ("bedrock-runtime.us-east-1.amazonaws.com.evil.test", Provider.GATEWAY),
    ("xbedrock-runtime.us-east-1.amazonaws.com", Provider.GATEWAY),
    ("aiplatform.googleapis.com.evil.test", Provider.GATEWAY),
    ("services.ai.azure.com", Provider.GATEWAY),
]


@pytest.mark.parametrize(("host", "provider"), HOSTS)
def test_providers_by_host(host: str, provider: Provider) -> None:
    assert provider_of(host) is provider
    assert classify("POST", host, "/v1/messages").provider is provider
    assert classify("GET", host, "/x").provider is provider


LITELLM: Headers = (("content-type", "application/json"), ("X-LiteLLM-Call-Id", "1"))


@pytest.mark.parametrize(
    ("asked", "answered", "headers", "provider"),
    [
        ("gateway.test", "gateway.test", LITELLM, Provider.LITELLM),
        ("gateway.test", "gateway.test", (("x-litellmish", "1"), ("via", "x-litellm-")), Provider.GATEWAY),
        ("gateway.test", "api.anthropic.com", LITELLM, Provider.ANTHROPIC),
        ("api.anthropic.com", "127.0.0.1", (), Provider.ANTHROPIC),
        ("api.anthropic.com", "bedrock-runtime.us-east-1.amazonaws.com", (), Provider.BEDROCK),
    ],
)
def test_who_answered(asked: str, answered: str, headers: Headers, provider: Provider) -> None:
    assert refine_provider(classify("POST", asked, "/v1/messages"), answered, headers) is provider


@given(st.text(), st.text(), st.text())
def test_no_input_raises(method: str, host: str, path: str) -> None:
    assert classify(method, host, path).flow_class in FlowClass


def test_a_path_of_many_models_is_tried_once() -> None:
    # Quadratic matching would take minutes here; linear takes no time.
    assert classify("POST", "", "/model/" * 100_000 + "x/invokes").flow_class is OTHER
    name = "a/" + "/model/" * 1000 + "x"
    assert classify("POST", "", f"/model/{name}/invoke").model == name
