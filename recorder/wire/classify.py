"""What a request is, told from its method, host and path alone.

Paths are matched by suffix, so that base-path prefixes work (`/anthropic`, `/bedrock`, `/vertex_ai/v1`,
`/v1/{account}/{gateway}/anthropic`, `/api`), and after percent-decoding, so that no spelling of a model call passes
unrecorded. What no rule knows (`/api/event_logging/*`, `/v1/oauth/*`, `/.well-known/*`, telemetry ...) is not a model
interaction. The paths are WIRE.md's "Classes of flows", read from the Claude Code 2.1.330 program in November 2026.
"""

import re
from urllib.parse import unquote

import msgspec

from recorder.model import FlowClass, Headers, Protocol, Provider


class Call(msgspec.Struct, frozen=True):
    """What a request is to the recorder.

    `protocol` is None unless it is a model call. `model` and `streaming` are what the path says about them (Bedrock,
    Vertex), None where the body decides. `prefix` is the base path before the matched suffix, percent-decoded.
    """

    flow_class: FlowClass
    protocol: Protocol | None
    provider: Provider
    model: str | None
    streaming: bool | None
    prefix: str


class _Rule(msgspec.Struct, frozen=True):
    """One row: a method (None is any) and a pattern for the whole path, with the groups `prefix` and `model`."""

    method: str | None
    path: re.Pattern[str]
    protocol: Protocol | None = None
    streaming: bool | None = None


def _ending(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<prefix>.*?){pattern}/?", re.DOTALL)


def _model(action: str) -> re.Pattern[str]:
    # A LiteLLM alias may hold slashes, so the model is all that stands between the first `/model/` and the action.
    # The prefix cannot grow over that one: a path of a thousand `/model/` must not be tried from each of them.
    return re.compile(rf"(?P<prefix>(?:(?!/model/).)*)/model/(?P<model>.+)/{action}/?", re.DOTALL)


def _published(model: str, verb: str) -> re.Pattern[str]:
    return _ending(rf"(?:/projects/[^/]+/locations/[^/]+)?/publishers/anthropic/models/{model}:{verb}")


_NAME = "(?P<model>[^/]+)"

_RULES = (
    _Rule("POST", _ending("/v1/messages"), Protocol.MESSAGES),
    _Rule("POST", _model("invoke"), Protocol.BEDROCK_INVOKE, streaming=False),
    _Rule("POST", _model("invoke-with-response-stream"), Protocol.BEDROCK_INVOKE, streaming=True),
    _Rule("POST", _model("converse"), Protocol.BEDROCK_CONVERSE, streaming=False),
    _Rule("POST", _model("converse-stream"), Protocol.BEDROCK_CONVERSE, streaming=True),
    # Counting tokens looks like a model of that name, so it stands before the models.
    _Rule(None, _published("count-tokens", "rawPredict")),
    _Rule("POST", _published(_NAME, "rawPredict"), Protocol.VERTEX, streaming=False),
    _Rule("POST", _published(_NAME, "streamRawPredict"), Protocol.VERTEX, streaming=True),
    _Rule("POST", _ending("/v1/complete"), Protocol.COMPLETE),
    _Rule(None, _ending("/v1/messages/(?:batches(?:/.*)?|count_tokens|cache_touch)")),
    _Rule(None, _model("count-tokens")),
    _Rule(None, _ending("/v1/(?:models|files)(?:/.*)?")),
    _Rule(None, _ending("/inference-profiles(?:/.*)?")),
)
"""The first row that fits decides. A row with a protocol is a model call, one without is a support call."""

_AWS = r"(?:\.vpce)?\.(?:amazonaws\.com(?:\.cn)?|api\.aws)"

_HOSTS = (
    (re.compile(r"api\.anthropic\.com"), Provider.ANTHROPIC),
    # Claude Platform on AWS: Anthropic itself answers, with Anthropic's model names, behind an AWS front door.
    (re.compile(rf"(?:.+\.)?aws-external-anthropic\.[^.]+{_AWS}"), Provider.ANTHROPIC),
    (re.compile(r"claude\.googleapis\.com"), Provider.ANTHROPIC),  # the same on Google Cloud
    (re.compile(rf"(?:.+\.)?bedrock-mantle(?:-fips)?\.[^.]+{_AWS}"), Provider.MANTLE),
    (re.compile(rf"(?:.+\.)?bedrock-runtime(?:-fips)?\.[^.]+{_AWS}"), Provider.BEDROCK),
    (re.compile(r"[^.]*aiplatform[^.]*\.(?:.+\.)?googleapis\.com"), Provider.VERTEX),
    (re.compile(r".+\.services\.ai\.azure\.com"), Provider.FOUNDRY),
)


def classify(method: str, host: str, path: str) -> Call:
    """Tell what a request is; `path` is as sent, with its query; `host` may carry a port."""
    decoded = unquote(path.partition("?")[0].partition("#")[0])
    provider = provider_of(host)
    for rule in _RULES:
        if rule.method not in (None, method.upper()):
            continue
        if match := rule.path.fullmatch(decoded):
            return _call(rule, match.groupdict(), provider)
    return Call(FlowClass.OTHER, None, provider, None, None, "")


def provider_of(host: str) -> Provider:
    """Tell who answers at a host; its port and a final dot do not matter. A host of nobody known is a gateway."""
    name = host.lower().partition(":")[0].removesuffix(".")
    return next((provider for pattern, provider in _HOSTS if pattern.fullmatch(name)), Provider.GATEWAY)


def refine_provider(call: Call, host: str, response_headers: Headers) -> Provider:
    """Tell who answered, once the answer's headers are there; `host` is the one that the request went to in the end.

    A host that is a provider's own stays that; a gateway with `x-litellm-*` headers is LiteLLM.
    """
    candidates = (provider_of(host), call.provider)
    known = next((provider for provider in candidates if provider is not Provider.GATEWAY), None)
    if known is not None:
        return known
    litellm = any(name.lower().startswith("x-litellm-") for name, _ in response_headers)
    return Provider.LITELLM if litellm else Provider.GATEWAY


def _call(rule: _Rule, found: dict[str, str | None], provider: Provider) -> Call:
    return Call(
        flow_class=FlowClass.SUPPORT if rule.protocol is None else FlowClass.MODEL,
        protocol=rule.protocol,
        provider=provider,
        model=found.get("model"),
        streaming=rule.streaming,
        prefix=found["prefix"] or "",
    )
