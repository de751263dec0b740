"""The values that every floor speaks.

Two families of bytes pass through this program and must never be confused: what came off the wire, which is plain
`bytes` and `str`, and what has been redacted, which is `SafeBytes` and `SafeText`. Only `recorder.redact` makes safe
values; the store accepts nothing else. The type checker keeps it so.
"""

from enum import StrEnum
from typing import Any, NewType

import msgspec

SafeBytes = NewType("SafeBytes", bytes)
"""Bytes that went through redaction. Only `recorder.redact` may construct one."""

SafeText = NewType("SafeText", str)
"""Text that went through redaction. Only `recorder.redact` may construct one."""

type Headers = tuple[tuple[str, str], ...]
"""Header fields in wire order with their names as sent; values decoded as Latin-1, so that nothing is lost."""


class FlowClass(StrEnum):
    """What a request is to the recorder."""

    MODEL = "model"
    """A model call: recorded whole."""
    SUPPORT = "support"
    """A call around model calls (count_tokens, models, files, batches, ...): recorded as metadata."""
    OTHER = "other"
    """Not a model interaction: forwarded and counted."""


class Protocol(StrEnum):
    """How a model call is spoken on the wire."""

    MESSAGES = "messages"
    BEDROCK_INVOKE = "bedrock-invoke"
    BEDROCK_CONVERSE = "bedrock-converse"
    VERTEX = "vertex"
    COMPLETE = "complete"
    """The legacy text completion endpoint `/v1/complete`."""


class Family(StrEnum):
    """A protocol with the calls around it: what an upstream can serve."""

    MESSAGES = "messages"
    BEDROCK = "bedrock"
    VERTEX = "vertex"


class Provider(StrEnum):
    """Who answers."""

    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    MANTLE = "mantle"
    VERTEX = "vertex"
    FOUNDRY = "foundry"
    LITELLM = "litellm"
    GATEWAY = "gateway"
    """Any other host that speaks a provider's protocol."""


class State(StrEnum):
    """Where an interaction stands. Everything but `OPEN` is final."""

    OPEN = "open"
    COMPLETE = "complete"
    """A whole answer arrived."""
    ABORTED = "aborted"
    """The client or the provider broke off before the answer was whole."""
    FAILED = "failed"
    """The provider answered with an error (a status of 400 and more, an error in mid-stream) or was not reached."""
    BLOCKED = "blocked"
    """The recorder refused the request or withheld the answer."""
    LOST = "lost"
    """The recorder died while the interaction was open (found at the next start), or could not record its answer."""


class Slot(StrEnum):
    """The three lists of a request whose elements are parts."""

    SYSTEM = "system"
    TOOLS = "tools"
    MESSAGES = "messages"


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one answer; `input_tokens` excludes every cache token, as Anthropic counts."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    thinking_tokens: int = 0
    web_search_requests: int = 0
    web_fetch_requests: int = 0
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: tuple["Iteration", ...] = ()
    raw: dict[str, Any] = msgspec.field(default_factory=dict)
    """The provider's own usage object (of a stream: merged), so that a better reading can replace this one."""


class Iteration(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `usage.iterations`: the model ran more than once for one answer."""

    type: str
    model: str | None = None
    usage: Usage


class ToolUse(msgspec.Struct, frozen=True):
    """A tool call inside an answer: the `index` of its content block, the provider's id, the tool's name."""

    index: int
    id: str
    name: str


class ToolResult(msgspec.Struct, frozen=True):
    """A tool's result inside a request message."""

    tool_use_id: str
    is_error: bool


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who is speaking, as far as headers and metadata tell."""

    session_id: str | None = None
    agent_id: str | None = None
    parent_agent_id: str | None = None
    agent_type: str | None = None
    request_class: str | None = None
    client: str | None = None
    """`User-Agent`'s product and version, `claude-cli/2.1.330`."""
    user: str | None = None
    """`account_uuid` of the metadata, when there is one."""
    device: str | None = None


ALLOWED = "allowed"
"""The kind of a finding that was left in place, because the configuration says so."""

WITHHELD = "withheld"
"""The kind of a finding that stands for content that could not be redacted and so was not stored."""


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """What interactions are told apart by, for teams: whose they are."""

    user: str | None = None
    team: str | None = None
    project: str | None = None
    key: str | None = None
    """Id of the recorder's own key that a request came with: never what a request says about itself."""


class Finding(msgspec.Struct, frozen=True):
    """A secret that was removed: its kind and, unless it could be guessed, its keyed fingerprint."""

    kind: str
    fingerprint: str | None = None
    count: int = 1


class OutboundSecret(msgspec.Struct, frozen=True):
    """A secret in a request: its kind, and where it sits, `messages[3].content[0].text`; read from redacted content."""

    kind: str
    place: str


class Credential(msgspec.Struct, frozen=True):
    """A secret seen where secrets are sent (a header, a query parameter). Raw: lives in memory only."""

    kind: str
    value: str
