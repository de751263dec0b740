"""The bodies of `opened` and `closed` records: what is said in the clear, and what is committed to.

Content that a person may ask to erase (headers, bodies, error messages) is named by commitments only. A member that is
not known is absent. Together with the parts, these bodies are enough to make every other table anew.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from recorder.ledger.leaf import Fit
from recorder.model import Slot
from recorder.store.chains import Extended
from recorder.store.parts import Packed, Stored
from recorder.store.rows import Closed, Event, Opened, Provided
from recorder.store.unicode import valid

_MAX_INTEGER = 2**53

_CONTAINERS = (dict, list)

type Body = dict[str, Any]
type References = Mapping[str, Stored]
"""Member of the body → the part that it commits to."""


def opened_body(
    row: Opened,
    references: References,
    chains: Mapping[Slot, Extended],
    sent: Mapping[Slot, Extended],
    new_parts: list[Packed],
) -> Fit:
    """Return the body of an `opened` record; `sent`: the lists of what the provider was sent."""
    new_from = chains[Slot.MESSAGES].known if Slot.MESSAGES in chains else 0
    said = clean(
        {
            "id": row.id,
            "run_id": row.run_id,
            "flow_class": row.flow_class,
            "protocol": row.protocol,
            "provider": row.provider,
            "method": row.method,
            "scheme": row.scheme,
            "host": row.host,
            "path": row.path,
            "identity": msgspec.structs.asdict(row.identity),
            "model": row.model,
            "streaming": row.streaming,
            "project": row.project,
            "user": row.user,
            "team": row.team,
            "branch": row.branch,
            "access_key": row.access_key,
            "routed": None if row.routed is None else clean(msgspec.to_builtins(row.routed)),
            "limited": None if row.limited is None else clean(msgspec.to_builtins(row.limited)),
            "request_bytes": row.request_bytes,
            "request_encoding": row.request_encoding,
            "body_mac": row.body_mac,
            "sent": None if row.sent is None else {"bytes": row.sent.bytes, "body_mac": row.sent.body_mac},
            "tool_results": [
                {"tool_use_id": result.tool_use_id, "is_error": result.is_error, "position": position}
                for result, position in row.tool_results
                if position >= new_from
            ],
            "findings": [msgspec.structs.asdict(finding) for finding in row.findings],
            "outbound": [msgspec.structs.asdict(secret) for secret in row.outbound],
            "anomalies": row.anomalies,
        }
    )
    return Fit(said | _lists("chains", chains) | _lists("sent_chains", sent) | _commitments(references, new_parts))


def closed_body(row: Closed, references: References, new_parts: list[Packed]) -> Fit:
    """Return the body of a `closed` record."""
    said = clean(
        {
            "id": row.id,
            "state": row.state,
            "reason": row.reason,
            "status": row.status,
            "provider": row.provider,
            "model": row.model,
            "message_id": row.message_id,
            "stop_reason": row.stop_reason,
            "request_id": row.request_id,
            "usage": None if row.usage is None else msgspec.to_builtins(row.usage),
            "cost_usd": row.cost_usd,
            "cost": row.cost,
            "error_type": row.error_type,
            "ttft_us": row.ttft_us,
            "duration_us": row.duration_us,
            "response_bytes": row.response_bytes,
            "response_encoding": row.response_encoding,
            "body_mac": row.body_mac,
            "provided": _provided(row.provided) if row.provided else None,
            "tool_uses": [msgspec.structs.asdict(use) for use in row.tool_uses],
            "findings": [msgspec.structs.asdict(finding) for finding in row.findings],
            "anomalies": row.anomalies,
        }
    )
    return Fit(said | _commitments(references, new_parts))


def _provided(provided: Provided) -> Body:
    return {
        "status": provided.status,
        "request_id": provided.request_id,
        "bytes": provided.bytes,
        "body_mac": provided.body_mac,
    }


def event_body(row: Event) -> Fit:
    """Return the body of any other record."""
    return clean(row.body)


def clean(value: Mapping[str, Any]) -> Fit:
    """Return a JSON object as a record can hold it.

    Members that are None or empty are dropped, a float and an integer of 2^53 and more become text (canonical JSON has
    one form for neither), a lone surrogate becomes U+FFFD.
    """
    made = {}
    for key, member in value.items():
        if member is None:
            continue
        fit = member if type(member) is str and member.isascii() else _value(member)
        if fit or type(fit) not in _CONTAINERS:
            made[key if key.isascii() else valid(key)] = fit
    return Fit(made)


def _value(value: Any) -> Any:
    kind = type(value)
    if kind is str:  # which nearly all are
        return valid(value)
    if kind is bool or value is None:
        return value
    if kind is int:
        return value if abs(value) < _MAX_INTEGER else str(value)
    if isinstance(value, list | tuple):
        return [_value(member) for member in value]
    if isinstance(value, Mapping):
        return clean(value)
    return _rare_value(value)


def _rare_value(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case str():
            return valid(str(value))
        case int():
            return _value(int(value))
        case float():
            return repr(value)
        case _:
            raise ValueError(f"a record cannot hold a {type(value).__name__}")


# What follows is made here, as a record can hold it: of a request of 1 MB it is more than all that is said beside it.


def _lists(name: str, chains: Mapping[Slot, Extended]) -> Body:
    return {name: {slot.value: _chain(chain) for slot, chain in chains.items()}} if chains else {}


def _chain(chain: Extended) -> Body:
    new = [
        {"part": part.commitment.hex()}
        if link.lead is None
        else {"part": part.commitment.hex(), "lead": link.lead.decode("latin-1")}
        for part, link in chain.new
    ]
    about = {"head": chain.head.digest.hex(), "length": chain.length}
    return about | {"new": new} if new else about


def _commitments(references: References, new_parts: list[Packed]) -> Body:
    named = {name: part.commitment.hex() for name, part in references.items()}
    return named | {"parts": [part.about() for part in new_parts]} if new_parts else named
