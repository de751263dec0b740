"""Requests from each protocol into each other: what changes, what stays byte for byte, what is left out."""

import base64
import json
from typing import Any

import httpx2
import pytest
from anthropic import Anthropic, AnthropicBedrock, AnthropicVertex
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from recorder.model import Family, Headers
from recorder.translate.place import Kind, Place, UntranslatableError
from recorder.translate.request import Order, Sent, translate_request

MODEL = "claude-sonnet-4-5-20250929"
PLACES = {
    Family.MESSAGES: Place(family=Family.MESSAGES),
    Family.BEDROCK: Place(family=Family.BEDROCK),
    Family.VERTEX: Place(family=Family.VERTEX, project="p", location="r"),
}
NAMES = {
    Family.MESSAGES: MODEL,
    Family.BEDROCK: f"us.anthropic.{MODEL}-v1:0",
    Family.VERTEX: "claude-sonnet-4-5@20250929",
}
TALK = (
    b'"system":[{"type":"text","text":"be \\ud83d brief","cache_control":{"type":"ephemeral"}}],'
    b'"messages":[ {"role":"user", "content":[{"type":"text","text":"\\"scope\\" 1.50","cache_control":'
    b'{"type":"ephemeral","ttl":"1h"}}]}],"tools":[{"name":"Bash","input_schema":{"type":"object"}}]'
)
BODIES = {
    Family.MESSAGES: b'{"model":"' + MODEL.encode() + b'","max_tokens":5,' + TALK + b',"stream":true}',
    Family.BEDROCK: b'{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,'
    + TALK
    + b',"anthropic_beta":["context-1m-2025-08-07"]}',
    Family.VERTEX: b'{"anthropic_version":"vertex-2023-10-16","max_tokens":5,' + TALK + b',"stream":true}',
}  # fmt: skip
BETAS: Headers = (("anthropic-beta", "context-1m-2025-08-07"),)
HEADERS = {
    Family.MESSAGES: (*BETAS, ("anthropic-version", "2023-06-01"), ("X-Api-Key", "k"), ("x-app", "cli")),
    Family.BEDROCK: (("Authorization", "AWS4-HMAC-SHA256 Credential=x"), ("X-Amz-Date", "1"), ("amz-sdk-request", "1")),
    Family.VERTEX: (*BETAS, ("authorization", "Bearer ya29"), ("x-goog-user-project", "p")),
}


def send(client: Family, to: Family, body: bytes | dict[str, Any] | None = None, **changes: Any) -> Sent:
    raw = BODIES[client] if body is None else body
    order = {
        "family": client,
        "kind": Kind.ANSWER,
        "model": MODEL,
        "streaming": True,
        "headers": HEADERS[client],
        "body": json.dumps(raw).encode() if isinstance(raw, dict) else raw,
    }
    place = changes.pop("place", PLACES[to])
    return translate_request(Order(**order | changes), place, NAMES[to])


@pytest.mark.parametrize("client", Family)
@pytest.mark.parametrize("to", Family)
def test_every_way(client: Family, to: Family) -> None:
    if client is to:
        return
    sent = send(client, to)
    assert TALK in sent.body  # the conversation keeps its bytes
    body = json.loads(sent.body)
    headers = dict(sent.headers)
    rest = {key: value for key, value in body.items() if key not in {"system", "messages", "tools", "max_tokens"}}
    if to is Family.MESSAGES:
        assert rest == {"model": MODEL, "stream": True}
        assert headers["anthropic-version"] == "2023-06-01"
    elif to is Family.BEDROCK:
        assert rest == {"anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["context-1m-2025-08-07"]}
    else:
        assert rest == {"anthropic_version": "vertex-2023-10-16", "stream": True}
    if to is not Family.BEDROCK:
        assert headers["anthropic-beta"] == "context-1m-2025-08-07"
    gone = {name for name, value in sent.headers if value is None}
    assert (
        gone
        == {
            Family.MESSAGES: {"anthropic-version", "x-api-key"}
            | ({"anthropic-beta"} if to is Family.BEDROCK else set()),
            Family.BEDROCK: {"authorization", "x-amz-date", "amz-sdk-request"},
            Family.VERTEX: {"x-goog-user-project"} | ({"anthropic-beta"} if to is Family.BEDROCK else set()),
        }[client]
    )
    assert headers["accept-encoding"] == "identity"
    assert sent.dropped == ()


@pytest.mark.parametrize("away", [Family.BEDROCK, Family.VERTEX])
def test_there_and_back_says_the_same(away: Family) -> None:
    there = send(Family.MESSAGES, away)
    set_ = tuple((name, value) for name, value in there.headers if value is not None)
    back = send(away, Family.MESSAGES, there.body, headers=set_)
    assert json.loads(back.body) == json.loads(BODIES[Family.MESSAGES])
    assert dict(back.headers)["anthropic-beta"] == "context-1m-2025-08-07"


LEFT_OUT: list[tuple[Family, dict[str, Any], dict[str, Any], list[str]]] = [
    (Family.BEDROCK, {"speed": "fast", "tags": ["x"], "thread": {"type": "create"}, "resumption": {}}, {},
     ["speed", "tags", "thread", "resumption"]),
    (Family.VERTEX, {"speed": "fast", "tags": ["x"], "mcp_servers": [], "container": "c"}, {},
     ["speed", "tags", "mcp_servers", "container"]),
    (Family.VERTEX, {"member_of_tomorrow": 1, "output_format": {}}, {"member_of_tomorrow": 1, "output_format": {}}, []),
    (Family.BEDROCK, {"member_of_tomorrow": 1, "top_k": 3}, {"top_k": 3}, ["member_of_tomorrow"]),
    (Family.BEDROCK, {"cache_control": {"type": "ephemeral"}}, {}, ["cache_control"]),
    (Family.BEDROCK,
     {"system": [{"type": "text", "cache_control": {"type": "ephemeral", "scope": "global", "ttl": "1h"}}]},
     {"system": [{"type": "text", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]},
     ["cache_control.scope"]),
    (Family.VERTEX, {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [
        {"type": "text", "text": "y", "cache_control": {"scope": "global", "type": "ephemeral"}}]}]}]},
     {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [
        {"type": "text", "text": "y", "cache_control": {"type": "ephemeral"}}]}]}]}, ["cache_control.scope"]),
    (Family.BEDROCK, {"context_management": {"edits": [{"type": "clear_thinking_20251015"}]}}, {},
     ["context_management clear_thinking_20251015"]),
    (Family.BEDROCK,
     {"context_management": {"edits": [{"type": "clear_thinking_20251015"}, {"type": "compact_20260112"}]}},
     {"context_management": {"edits": [{"type": "compact_20260112"}]}}, ["context_management clear_thinking_20251015"]),
    (Family.VERTEX, {"context_management": {"edits": [{"type": "clear_thinking_20251015"}]}},
     {"context_management": {"edits": [{"type": "clear_thinking_20251015"}]}}, []),
    (Family.BEDROCK,
     {"tools": [{"type": "web_search_20250305", "name": "web_search"}], "tool_choice": {"type": "any"}}, {},
     ["tool web_search_20250305", "tool_choice"]),
    (Family.BEDROCK, {"tools": [{"type": "web_search_20250305", "name": "ws"}, {"name": "Bash"}],
                      "tool_choice": {"type": "tool", "name": "Bash"}},
     {"tools": [{"name": "Bash"}], "tool_choice": {"type": "tool", "name": "Bash"}}, ["tool web_search_20250305"]),
    (Family.BEDROCK, {"tools": [{"type": "bash_20250124"}, {"type": "tool_search_tool_regex_20251119"}]},
     {"tools": [{"type": "bash_20250124"}, {"type": "tool_search_tool_regex_20251119"}]}, []),
    (Family.VERTEX, {"tools": [{"type": "web_search_20250305"}, {"type": "web_fetch_20250910"}]},
     {"tools": [{"type": "web_search_20250305"}]}, ["tool web_fetch_20250910"]),
]  # fmt: skip


@pytest.mark.parametrize(("to", "given", "kept", "names"), LEFT_OUT)
def test_what_is_left_out_is_named_with_a_reason(
    to: Family, given: dict[str, Any], kept: dict[str, Any], names: list[str]
) -> None:
    sent = send(Family.MESSAGES, to, {"model": MODEL, "max_tokens": 1} | given)
    body = json.loads(sent.body)
    assert {key: value for key, value in body.items() if key in given} == kept
    assert [dropped.what for dropped in sent.dropped] == names
    assert all(dropped.why for dropped in sent.dropped)


def test_nothing_is_left_out_for_an_api_that_knows_it_all() -> None:
    given = {"max_tokens": 1, "speed": "fast", "tools": [{"type": "web_search_20250305", "name": "w"}]}
    given |= {"system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "scope": "global"}}]}
    sent = send(Family.BEDROCK, Family.MESSAGES, given, headers=(("anthropic-beta", "of-tomorrow"),))
    assert json.loads(sent.body) == given | {"model": MODEL, "stream": True}
    assert (dict(sent.headers)["anthropic-beta"], sent.dropped) == ("of-tomorrow", ())


@pytest.mark.parametrize(
    ("to", "betas", "kept", "dropped"),
    [
        (Family.BEDROCK, "claude-code-20250219, context-1m-2025-08-07", "context-1m-2025-08-07", 1),
        (Family.BEDROCK, "advanced-tool-use-2025-11-20,tool-search-tool-2025-10-19", "tool-search-tool-2025-10-19", 0),
        (Family.BEDROCK, "prompt-caching-scope-2026-01-05,oauth-2025-04-20", None, 2),
        (Family.BEDROCK, "thinking-token-count-2026-05-13", "thinking-token-count-2026-05-13", 0),
        (Family.VERTEX, "effort-2025-11-24,web-search-2025-03-05", "effort-2025-11-24,web-search-2025-03-05", 0),
        (Family.VERTEX, "oauth-2025-04-20,web-search-2025-03-05", "web-search-2025-03-05", 1),
        (Family.VERTEX, "of-tomorrow-2027-01-01", None, 1),
    ],
)
def test_betas(to: Family, betas: str, kept: str | None, dropped: int) -> None:
    sent = send(Family.MESSAGES, to, headers=(("Anthropic-Beta", betas),))
    found = json.loads(sent.body).get("anthropic_beta")
    found = found and ",".join(found) if to is Family.BEDROCK else dict(sent.headers)["anthropic-beta"]
    assert found == kept
    assert len(sent.dropped) == dropped
    assert all(one.what.startswith("beta ") for one in sent.dropped)


def test_what_an_upstream_accepts_goes_through() -> None:
    names = {"speed", "of-tomorrow", "cache_control.scope", "web_search_20250305", "clear_thinking_20251015"}
    given: dict[str, Any] = {"model": MODEL, "max_tokens": 1, "speed": "fast"}
    given |= {
        "tools": [{"type": "web_search_20250305", "name": "w", "cache_control": {"type": "ephemeral", "scope": "x"}}]
    }
    given |= {"context_management": {"edits": [{"type": "clear_thinking_20251015"}]}}
    place = Place(family=Family.BEDROCK, accepts=frozenset(names))
    sent = send(Family.MESSAGES, Family.BEDROCK, given, headers=(("anthropic-beta", "of-tomorrow"),), place=place)
    assert sent.dropped == ()
    body = json.loads(sent.body)
    assert {key: body[key] for key in ("speed", "tools", "context_management")} == {
        key: given[key] for key in ("speed", "tools", "context_management")
    }
    assert body["anthropic_beta"] == ["of-tomorrow"]


@pytest.mark.parametrize(
    ("model", "kept"), [("claude-opus-4-1", {}), ("claude-opus-4-5", {"ttl": "1h"}), ("mine", {"ttl": "1h"})]
)
def test_lifetimes_on_older_models_of_bedrock(model: str, kept: dict[str, str]) -> None:
    cached = {"type": "text", "text": "x", "cache_control": {"ttl": "1h", "type": "ephemeral"}}
    sent = send(Family.MESSAGES, Family.BEDROCK, {"max_tokens": 1, "system": [cached, cached]}, model=model)
    found = json.loads(sent.body)["system"][0]["cache_control"]
    assert found == {"type": "ephemeral"} | kept
    assert [(one.what, one.count) for one in sent.dropped] == ([] if kept else [("cache_control.ttl", 2)])


@pytest.mark.parametrize("to", [Family.BEDROCK, Family.VERTEX])
def test_a_version_of_tomorrow_keeps_its_name(to: Family) -> None:
    sent = send(Family.MESSAGES, to, headers=(("anthropic-version", "2026-10-21"),))
    assert json.loads(sent.body)["anthropic_version"] == "2026-10-21"
    back = send(to, Family.MESSAGES, sent.body, headers=())
    assert dict(back.headers)["anthropic-version"] == "2026-10-21"


def test_counting_tokens() -> None:
    asked = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}]}
    bedrock = send(Family.MESSAGES, Family.BEDROCK, asked, kind=Kind.COUNT, streaming=False, headers=())
    service = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
    shape = service.operation_model("CountTokens").input_shape
    report = ParamValidator().validate({"modelId": f"anthropic.{MODEL}-v1:0", **json.loads(bedrock.body)}, shape)
    assert not report.has_errors(), report.generate_report()
    inner = json.loads(base64.b64decode(json.loads(bedrock.body)["input"]["invokeModel"]["body"]))
    assert inner == {"messages": asked["messages"], "anthropic_version": "bedrock-2023-05-31", "max_tokens": 1024}
    back = send(Family.BEDROCK, Family.MESSAGES, bedrock.body, kind=Kind.COUNT, streaming=False)
    assert json.loads(back.body) == asked
    vertex = send(Family.MESSAGES, Family.VERTEX, asked, kind=Kind.COUNT, streaming=False)
    assert json.loads(vertex.body) == asked | {"model": NAMES[Family.VERTEX], "anthropic_version": "vertex-2023-10-16"}
    back = send(Family.VERTEX, Family.MESSAGES, vertex.body, kind=Kind.COUNT, streaming=False)
    assert json.loads(back.body) == asked


@pytest.mark.parametrize(
    ("client", "to", "body", "kind", "why"),
    [
        (Family.MESSAGES, Family.BEDROCK, b"", Kind.ANSWER, "no JSON object"),
        (Family.MESSAGES, Family.BEDROCK, b"[1]", Kind.ANSWER, "no JSON object"),
        (Family.MESSAGES, Family.VERTEX, b'{"model":"a","model":"b"}', Kind.ANSWER, "no JSON object"),
        (Family.BEDROCK, Family.MESSAGES, b'{"anthropic_beta":7}', Kind.ANSWER, "no JSON object"),
        (Family.MESSAGES, Family.VERTEX, b'{"thread":{"type":"continue"}}', Kind.ANSWER, "`thread`"),
        (Family.BEDROCK, Family.MESSAGES, b'{"input":{"converse":{}}}', Kind.COUNT, "counts the tokens of Converse"),
        (Family.BEDROCK, Family.MESSAGES, b'{"input":{"invokeModel":{"body":"*"}}}', Kind.COUNT, "no base64"),
    ],
)  # fmt: skip
def test_what_cannot_be_translated(client: Family, to: Family, body: bytes, kind: Kind, why: str) -> None:
    with pytest.raises(UntranslatableError, match=why):
        send(client, to, body, kind=kind)


@pytest.mark.filterwarnings("ignore:The model:DeprecationWarning")
def test_botocore_and_the_official_clients_would_send_the_same() -> None:
    """The body of each official client for the clouds, against the translation of what its plain client sends."""
    asked = {"model": MODEL, "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}], "stream": True}
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(400, json={"error": {"message": "enough"}})

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    clients = {
        Family.MESSAGES: Anthropic(api_key="k", http_client=http, max_retries=0),
        Family.BEDROCK: AnthropicBedrock(api_key="k", aws_region="us-east-1", http_client=http, max_retries=0),
        Family.VERTEX: AnthropicVertex(region="r", project_id="p", access_token="t", http_client=http, max_retries=0),
    }
    for family, client in clients.items():
        with pytest.raises(Exception, match="enough"):
            client.messages.create(**asked | {"model": NAMES[family]})  # type: ignore[call-overload]
    plain, bedrock, vertex = seen
    headers = tuple(plain.headers.items())
    for family, request in ((Family.BEDROCK, bedrock), (Family.VERTEX, vertex)):
        sent = send(Family.MESSAGES, family, plain.content, headers=headers)
        assert json.loads(sent.body) == json.loads(request.content)
    service = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
    shape = service.operation_model("InvokeModelWithResponseStream").input_shape
    report = ParamValidator().validate({"modelId": NAMES[Family.BEDROCK], "body": bedrock.content}, shape)
    assert not report.has_errors(), report.generate_report()
