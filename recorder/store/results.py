"""What queries give back. Times are UTC as ISO 8601 text with milliseconds and `Z`; None means not known."""

from typing import Any

import msgspec

from recorder.ledger.kinds import RecordKind
from recorder.model import OutboundSecret, Provider, Slot


class InteractionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One interaction without its content."""

    id: str
    session_id: str | None
    agent_id: str | None
    parent_agent_id: str | None
    agent_type: str | None
    request_class: str | None
    flow_class: str
    protocol: str | None
    provider: str
    host: str
    path: str
    model: str | None
    """Asked for."""
    model_answered: str | None
    state: str
    state_reason: str | None
    status: int | None
    stop_reason: str | None
    error_type: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_5m_tokens: int | None
    cache_write_1h_tokens: int | None
    thinking_tokens: int | None
    web_search_requests: int | None
    cost_usd: str | None
    price_table: str | None
    cost_reason: str | None
    started_utc: str
    ttft_ms: float | None
    duration_ms: float | None
    request_bytes: int
    response_bytes: int | None
    request_id: str | None
    message_id: str | None
    retry_of: str | None
    project: str | None
    user: str | None
    tool_calls: int
    findings: int
    anomalies: int
    client: str | None
    streaming: bool | None
    team: str | None
    branch: str | None
    route: str | None
    """The rule that fired."""
    upstream: str | None
    sent_to: str | None
    """The URL that it was sent to, when a policy decided about it."""
    model_sent: str | None
    """The model's name there, when it is another one than the client asked for."""
    reserved_usd: str | None
    """What it was expected to cost when budgets let it through."""
    limit_note: str | None
    """What a budget warned of, or what a rate made it wait for."""
    protocol_sent: str | None = None
    """The upstream's protocol, when the request was put into another one than the client's."""
    access_key: str | None = None
    """Id of the recorder's own key that it came with."""


class Followed(msgspec.Struct, frozen=True):
    """A record of an interaction, with the interaction as it stands now."""

    seq: int
    kind: RecordKind
    """`OPENED` or `CLOSED`."""
    row: InteractionRow
    outbound: tuple[OutboundSecret, ...] = ()
    """Of an opening: the secrets that the request would carry out, as far as the configuration asks for them."""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """The interactions of one session, summed up."""

    id: str | None
    """None: the interactions that name no session."""
    project: str | None
    """Of its last interaction, as `user` and `client`."""
    user: str | None
    client: str | None
    models: tuple[str, ...]
    """Those that answered (or were asked for, when none answered), sorted."""
    started_utc: str
    last_utc: str
    """When its last interaction began."""
    interactions: int
    failed: int
    """Interactions that ended neither open nor complete."""
    agents: int
    """Subagents."""
    tool_calls: int
    findings: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cost_usd: str
    """Of the interactions whose cost is known."""
    unknown_costs: int
    """Interactions that may have cost something that is not known."""


class ToolSum(msgspec.Struct, frozen=True):
    """The calls of one tool by one agent."""

    name: str
    calls: int
    failed: int
    """Those whose result said so."""
    duration_ms: int | None
    """From the ends of the answers to the results, summed; None: no result came back."""


class AgentRow(msgspec.Struct, frozen=True, kw_only=True):
    """The model calls of one agent in a session, summed up."""

    agent_id: str | None
    """None: the main thread."""
    parent_agent_id: str | None
    """None: the main thread's, or not said."""
    agent_type: str | None
    models: tuple[str, ...]
    started_utc: str
    span_ms: int
    """From the beginning of its first call to the end of its last."""
    busy_ms: float | None
    """What its calls took, summed; None: none has ended."""
    tools: tuple[ToolSum, ...]
    """Most called first."""
    interactions: int
    failed: int
    findings: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    cost_usd: str
    """Of the interactions whose cost is known."""
    unknown_costs: int


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A text that a search found, in the interaction that brought it."""

    row: InteractionRow
    source: str
    """Who said it, a value of `recorder.wire.sources.Source`."""
    tool: str | None
    """The tool whose input or result it is."""
    place: str
    """`content[0].input.command`."""
    text: str
    spots: list[tuple[int, int]]
    """Where what was searched for stands in the text."""


class ErrorRow(msgspec.Struct, frozen=True, kw_only=True):
    """The interactions that ended in the same way, other than complete."""

    state: str
    status: int | None
    error_type: str | None
    provider: str
    interactions: int
    sessions: int
    retries: int
    """How many of them were tries again of one that had failed."""
    first_utc: str
    last_utc: str
    last_id: str
    """The newest of them, as are the following."""
    last_model: str | None
    last_reason: str | None
    last_message: str | None


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the interactions that share a key."""

    key: str | None
    interactions: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    thinking_tokens: int
    web_search_requests: int
    cost_usd: str
    """Exact sum of the costs that are known."""
    unknown_costs: int
    """Interactions that may have cost something that is not known."""


class PartRow(msgspec.Struct, frozen=True, kw_only=True):
    """One element of a slot's list in a request."""

    position: int
    part_id: int
    kind: str
    role: str | None
    content: bytes
    """Without the marks (`cache_control`), which move from turn to turn."""
    new: bool
    """Not in the request before it: the earlier one of the same session and agent that it goes on from."""


class ToolCallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call in an answer, and its result when one came back."""

    index: int
    """Of the content block in the answer."""
    tool_use_id: str
    name: str
    result_id: str | None
    """Id of the interaction whose request brought the result."""
    result_part_id: int | None
    """The message that holds the result."""
    is_error: bool | None
    duration_ms: int | None
    """From the end of the answer to the request with the result."""


class SecretPlace(msgspec.Struct, kw_only=True):
    """One place where a secret stood, as one session carried it."""

    kind: str
    fingerprint: str | None
    """32 hex digits; None: it could be guessed, and cannot be told from others of its kind."""
    newest_fingerprint: str | None
    """What the same secret is called now, when it was seen again after the key was rotated."""
    source: str
    """Who sent it, a value of `recorder.wire.sources.Source`."""
    tool: str | None
    """The tool whose input, result or definition it stood in."""
    place: str
    """`content[0].text`; of a header its name."""
    count: int
    """How often it stood there."""
    session_id: str | None
    interactions: list[tuple[str, str]]
    """Those that carried it, oldest first: when each began, and its id."""


class RecordRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the ledger."""

    seq: int
    kind: RecordKind
    at_utc: str
    body: dict[str, Any]
    leaf_hash: bytes


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on record of one interaction beside its row: both record bodies, and what they commit to."""

    opened: dict[str, Any]
    closed: dict[str, Any] | None
    request_headers: tuple[tuple[str, str], ...]
    response_headers: tuple[tuple[str, str], ...]
    error_message: str | None
    sent_headers: tuple[tuple[str, str], ...] = ()
    """Of what the provider was sent in another protocol."""
    provided_headers: tuple[tuple[str, str], ...] = ()
    """Of its answer."""


class RunRow(msgspec.Struct, frozen=True):
    """One run of a recorder."""

    id: str
    started_utc: str
    stopped_utc: str | None
    """When it stopped or its crash was found; None: it runs, or its end was not found yet."""
    stopped_by: str | None
    """`stop` or `crash`."""
    host: str | None
    pid: int | None
    version: str | None


class OpenInteraction(msgspec.Struct, frozen=True):
    """An interaction that was not closed."""

    id: str
    run_id: str
    provider: Provider
    started_us: int
    """Microseconds since the epoch; known to the millisecond."""


class Extent(msgspec.Struct, frozen=True):
    """A number of interactions; `first` and `last` are the numbers of their opened records, 0 when there are none."""

    count: int
    first: int
    last: int


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """One interaction with all its content."""

    seq: int
    """Number of its opened record."""
    row: InteractionRow
    details: Details
    request: bytes
    """The body, as `recorder.store.content.request_body` returns it, but for what is `missing`."""
    new: dict[Slot, list[int]]
    """The positions of what the request before has not got."""
    answer: bytes | None
    calls: list[ToolCallRow]
    missing: list[str]
    """Of each part whose content is not there: which one, and why."""
    erased_by: int | None
    """Number of the record that says why all content was to go."""
