"""What goes into the record. Everything that came off the wire is `SafeBytes` or `SafeText` by type.

An interaction is written in two halves, `Opened` and `Closed`, each once. A half names its content as parts: a part
that the caller has seen stored before goes as its digest alone (`KnownPart`), any other whole (`NewPart`).
"""

import hashlib
from typing import Any

import msgspec

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.model import (
    Finding,
    FlowClass,
    Identity,
    OutboundSecret,
    Protocol,
    Provider,
    SafeBytes,
    SafeText,
    Slot,
    State,
    ToolResult,
    ToolUse,
    Usage,
)

type _Bytes = bytes
type SafeHeaders = tuple[tuple[str, SafeText], ...]
"""Header fields in wire order, their values redacted."""


class NewPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part with its content; stored once, however often it is sent."""

    kind: str
    """`system`, `tool`, `message`, `envelope`, `body`, `answer` or `timing`."""
    role: str | None = None
    content: SafeBytes
    digest: bytes
    """16 bytes, keyed, over kind, role and content: what makes two parts the same."""
    cleared_by: str | None = None
    """The version of the detectors that found nothing in it; None: something was found, or it is not to be kept."""


class KnownPart(msgspec.Struct, frozen=True):
    """A part that is already stored."""

    digest: bytes


type Part = NewPart | KnownPart


class Link(msgspec.Struct, frozen=True):
    """One element of a slot's list: its part, and the bytes since the element before it when they are not canonical."""

    part: NewPart | KnownPart
    lead: SafeBytes | None = None
    """None: nothing before the first element, `,` before any other."""


EMPTY_LIST = bytes(32)
"""The key of the empty list."""


def list_key(start: bytes, link: Link) -> bytes:
    """Return the key of the list that begins as the one with the key `start` and ends with this element.

    A caller that has seen a list stored names it by its key alone: SHA-256(start ‖ part's digest ‖ lead).
    """
    return hashlib.sha256(
        b"".join((start, link.part.digest, b"" if link.lead is None else b"\x00" + link.lead))
    ).digest()


class LeftOut(msgspec.Struct, frozen=True):
    """Something that could not be carried over into another protocol: see `recorder.translate.stripping.Dropped`."""

    what: SafeText
    why: str
    count: int


class PassedOver(msgspec.Struct, frozen=True):
    """An upstream that could not be asked: see `recorder.capture.messages.Passed`."""

    upstream: str
    why: SafeText


class Routed(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request went, when a policy decided about it: see `recorder.capture.messages.Routing`."""

    policy: str
    rule: str | None = None
    upstream: str | None = None
    url: SafeText
    model: SafeText | None = None
    headers: tuple[SafeText, ...] = ()
    """Names of those that were set."""
    removed: tuple[SafeText, ...] = ()
    protocol: str | None = None
    """The upstream's, when the request was put into another one than the client's."""
    dropped: tuple[LeftOut, ...] = ()
    passed: tuple[PassedOver, ...] = ()


class Limited(msgspec.Struct, frozen=True, kw_only=True):
    """What budgets and rates let a request through with: see `recorder.capture.messages.Limited`."""

    policy: str
    usd: str | None = None
    input_tokens: int
    output_tokens: int
    notes: tuple[SafeText, ...] = ()


class SentOn(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider was sent in another protocol: members as in `Opened`, of its body."""

    headers: SafeHeaders = ()
    bytes: int = 0
    body_mac: str | None = None
    envelope: NewPart | KnownPart | None = None
    slots: tuple[tuple[Slot, int], ...] = ()
    chains: dict[Slot, tuple[Link, ...]] = {}
    starts: dict[Slot, _Bytes] = {}
    marks: tuple[tuple[Slot, int, int, SafeBytes], ...] = ()
    body: NewPart | None = None


class Provided(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider answered in another protocol: members as in `Closed`."""

    status: int
    headers: SafeHeaders = ()
    request_id: str | None = None
    bytes: int = 0
    body_mac: str | None = None
    answer: NewPart | None = None


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A request, as it stood on the wire, redacted."""

    id: str
    run_id: str
    at_utc: str
    """When the request's first byte arrived: `2026-11-23T12:34:56.789Z`, always with milliseconds."""
    flow_class: FlowClass
    protocol: Protocol | None = None
    provider: Provider
    method: str
    scheme: str
    host: str
    path: SafeText
    headers: SafeHeaders = ()
    identity: Identity = Identity()
    model: SafeText | None = None
    """The model asked for."""
    streaming: bool | None = None
    project: str | None = None
    user: str | None = None
    team: str | None = None
    branch: str | None = None
    access_key: str | None = None
    """Id of the recorder's own key that it came with."""
    routed: Routed | None = None
    """None: no policy touched it."""
    limited: Limited | None = None
    """None: no budget and no rate was asked, or it was refused."""
    sent: SentOn | None = None
    """None: the provider was sent what the client sent, but for what `routed` says."""
    request_bytes: int = 0
    """On the wire, content coding included."""
    request_encoding: str | None = None
    body_mac: str | None = None
    """Keyed hash of the body on the wire, hex."""
    envelope: NewPart | KnownPart | None = None
    slots: tuple[tuple[Slot, int], ...] = ()
    """Each slot's offset in the envelope, right after its `[`."""
    chains: dict[Slot, tuple[Link, ...]] = {}
    starts: dict[Slot, bytes] = {}
    """Key of the list that a slot's links go on from (`list_key`); absent: they are the whole list."""
    marks: tuple[tuple[Slot, int, int, SafeBytes], ...] = ()
    """Slot, position of the part, offset in what remains of it, and the bytes cut out there."""
    body: NewPart | None = None
    """The whole body, when it could not be cut."""
    tool_results: tuple[tuple[ToolResult, int], ...] = ()
    """Tool results in the messages, each with the position of its message."""
    findings: tuple[Finding, ...] = ()
    outbound: tuple[OutboundSecret, ...] = ()
    """Secrets that it would carry out, where the configuration asks for them."""
    anomalies: tuple[str, ...] = ()


class Closed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a request."""

    id: str
    at_utc: str
    """When the exchange ended, written as in `Opened`."""
    state: State
    """Any but `OPEN`."""
    reason: str | None = None
    status: int | None = None
    headers: SafeHeaders = ()
    provider: Provider
    """Who answered, as far as the answer tells; else as in `Opened`."""
    model: SafeText | None = None
    """The model that answered."""
    message_id: str | None = None
    stop_reason: str | None = None
    request_id: str | None = None
    """The provider's id of the request."""
    usage: Usage | None = None
    cost_usd: str | None = None
    """Exact decimal without exponent; None: unknown."""
    cost: dict[str, Any] = {}
    """How the cost was found: `table`, `model`, `rates`, `reason`."""
    error_type: str | None = None
    error_message: SafeText | None = None
    ttft_us: int | None = None
    """From the request's first byte to the first byte of the answer's body."""
    duration_us: int
    response_bytes: int = 0
    """On the wire, content coding included."""
    response_encoding: str | None = None
    body_mac: str | None = None
    answer: NewPart | None = None
    timing: NewPart | None = None
    tool_uses: tuple[ToolUse, ...] = ()
    provided: Provided | None = None
    """None: the client got what the provider gave."""
    findings: tuple[Finding, ...] = ()
    anomalies: tuple[str, ...] = ()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something to record that is no half of an interaction.

    `START` names `run_id`, `host`, `pid` and `version` in its body; `STOP` and `CRASH` name the `run_id` that ended.
    """

    kind: RecordKind
    at_utc: str
    body: dict[str, Any]
    """JSON of objects, arrays, strings, integers, booleans and null."""


class InFlight(msgspec.Struct, frozen=True, kw_only=True):
    """How far an answer has come: kept until its `Closed`, for the case that there never is one. No record."""

    id: str
    at_utc: str
    starts_over: bool
    """What was kept of this answer before goes: this is all of it."""
    content: SafeBytes
    """What came since the row before."""


type Row = Opened | Closed | Event | InFlight


class MissingParts(StoreError):  # noqa: N818 — a request for more rather than a failure: send these parts whole
    """Known parts or lists are not in the store; nothing of the batch was written. Send it again with these whole."""

    def __init__(self, digests: frozenset[bytes]) -> None:
        super().__init__(f"{len(digests)} parts are not in the store; send them whole")
        self.digests = digests


class MissingOpened(StoreError):  # noqa: N818 — a request for more rather than a failure: send the opening first
    """An interaction to be closed was never opened here; nothing of the batch was written."""

    def __init__(self, ids: frozenset[str]) -> None:
        super().__init__(f"not opened in this store: {', '.join(sorted(ids))}; write the opening first")
        self.ids = ids
