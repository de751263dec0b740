"""What records and parts look like that this program wrote: for those that come from elsewhere, before they come in.

Readers take the shape of what is stored for granted; a member that is not named here is looked at by none of them, or
is free in its form.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from recorder.ledger.kinds import RecordKind
from recorder.model import Finding, FlowClass, Identity, OutboundSecret, Protocol, Provider, Slot, State, Usage
from recorder.wire.journal import Delta

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)

type _Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
type _Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
type _Money = Annotated[str, msgspec.Meta(pattern=r"^\d{1,30}(\.\d{1,40})?\Z")]
type _Bytes = bytes


class _Element(msgspec.Struct):
    part: _Hex
    lead: str | None = None


class _Chain(msgspec.Struct):
    head: _Hex
    length: _Count
    new: tuple[_Element, ...] = ()


class _Announced(msgspec.Struct):
    kind: str
    bytes: _Count
    commitment: _Hex
    role: str | None = None


class _LeftOut(msgspec.Struct):
    what: str
    why: str
    count: _Count


class _PassedOver(msgspec.Struct):
    upstream: str
    why: str


class _Routed(msgspec.Struct):
    rule: str | None = None
    upstream: str | None = None
    url: str | None = None
    model: str | None = None
    headers: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    protocol: Protocol | None = None
    dropped: tuple[_LeftOut, ...] = ()
    passed: tuple[_PassedOver, ...] = ()


class _Limited(msgspec.Struct):
    usd: _Money | None = None
    input_tokens: _Count | None = None
    output_tokens: _Count | None = None
    notes: tuple[str, ...] = ()


class _Sent(msgspec.Struct):
    bytes: _Count


class _Result(msgspec.Struct):
    tool_use_id: str
    position: _Count
    is_error: bool | None = None


class _Opened(msgspec.Struct):
    id: str
    run_id: str
    flow_class: FlowClass
    provider: Provider
    method: str
    scheme: str
    host: str
    path: str
    request_bytes: _Count
    protocol: Protocol | None = None
    identity: Identity = Identity()
    model: str | None = None
    streaming: bool | None = None
    project: str | None = None
    user: str | None = None
    team: str | None = None
    branch: str | None = None
    access_key: str | None = None
    routed: _Routed | None = None
    limited: _Limited | None = None
    request_encoding: str | None = None
    chains: dict[Slot, _Chain] = {}
    sent: _Sent | None = None
    sent_chains: dict[Slot, _Chain] = {}
    tool_results: tuple[_Result, ...] = ()
    findings: tuple[Finding, ...] = ()
    outbound: tuple[OutboundSecret, ...] = ()
    anomalies: tuple[str, ...] = ()
    parts: tuple[_Announced, ...] = ()


class _Provided(msgspec.Struct):
    status: _Count
    request_id: str | None = None
    bytes: _Count = 0


class _Use(msgspec.Struct):
    index: _Count
    id: str
    name: str


class _Cost(msgspec.Struct):
    table: str | None = None
    model: str | None = None
    rates: dict[str, _Money] = {}
    reason: str | None = None


class _Closed(msgspec.Struct):
    id: str
    state: State
    provider: Provider
    duration_us: _Count
    reason: str | None = None
    status: _Count | None = None
    model: str | None = None
    message_id: str | None = None
    stop_reason: str | None = None
    request_id: str | None = None
    usage: Usage | None = None
    cost_usd: _Money | None = None
    cost: _Cost | None = None
    error_type: str | None = None
    ttft_us: _Count | None = None
    response_bytes: _Count = 0
    response_encoding: str | None = None
    provided: _Provided | None = None
    tool_uses: tuple[_Use, ...] = ()
    findings: tuple[Finding, ...] = ()
    anomalies: tuple[str, ...] = ()
    parts: tuple[_Announced, ...] = ()


class _Layout(msgspec.Struct):
    slots: tuple[tuple[Slot, _Count], ...] = ()
    marks: tuple[tuple[Slot, _Count, _Count, str], ...] = ()


_BODIES = {RecordKind.OPENED: _Opened, RecordKind.CLOSED: _Closed}
_PARTS: Mapping[str, Any] = {
    "timing": tuple[Delta, ...],
    "headers": tuple[tuple[str, str | None], ...],
    "layout": _Layout,
}


def check_record(kind: RecordKind, at_utc: str, body: Mapping[str, Any]) -> None:
    """Raise ValueError, which says where, for an opened or closed record that no recorder wrote."""
    if not _UTC.fullmatch(at_utc):
        raise ValueError("its time is none")
    msgspec.convert(body, _BODIES[kind])


def check_part(kind: str, content: _Bytes) -> None:
    """Raise ValueError, which says where, for a part that does not have the form that its kind stands for."""
    if kind in _PARTS:
        msgspec.json.decode(content, type=_PARTS[kind])
    elif kind == "error":
        content.decode()
