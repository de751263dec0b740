"""A recorded answer as bytes for a client, in the protocol and framing in which it came, each piece with its time."""

from collections.abc import Iterator, Mapping

import msgspec

from recorder.again.tape import Take
from recorder.model import Family, Headers, Protocol, State
from recorder.policy.asked import Asked
from recorder.policy.estimate import BYTES_PER_TOKEN
from recorder.translate.streams import stream_translator
from recorder.wire.jsontext import parse_json
from recorder.wire.refusal import Refusal, refuse
from recorder.wire.replay import replay

_FOLLOWS = frozenset({"content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive", "date"})
_SSE = "text/event-stream; charset=utf-8"
_FRAMES = "application/vnd.amazon.eventstream"
_JSON = "application/json"
_NOT_RECORDED = 404
"""A status after which Claude Code does not try again."""


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """An answer ready to be sent."""

    status: int
    headers: Headers
    pieces: tuple[tuple[int, bytes], ...]
    """Each with its time, in µs since the request began."""
    breaks_off: bool = False
    """The connection is cut behind the last piece, as it was."""


def play(take: Take) -> Played:
    """Return a recorded answer, or an error that says why there is none."""
    row = take.row
    if row.status is None or take.answer is None:
        reason = row.state_reason or f"its state is {row.state}"
        return refused(row.protocol, f"{row.id} has no answer on the record: {reason}")
    try:
        streamed = bool(take.deltas) and row.status < 400
        pieces = tuple(_stream(take)) if streamed else ((_whole_us(take), _body(take.answer)),)
    except ValueError as error:
        return refused(row.protocol, f"{row.id} cannot be played: {error}")
    kind = (_FRAMES if row.protocol == Protocol.BEDROCK_INVOKE else _SSE) if streamed else _JSON
    return Played(status=row.status, headers=_headers(take, kind), pieces=pieces, breaks_off=row.state == State.ABORTED)


def refused(protocol: str | None, message: str) -> Played:
    """Return an error in a protocol's form."""
    said = refuse(Protocol(protocol) if protocol else None, _NOT_RECORDED, "not_found_error", f"Replay: {message}")
    return _whole(said)


def support(asked: Asked, body: bytes, models: tuple[str, ...]) -> Played:
    """Answer what is no model call: its answers are not on the record, so they are made."""
    if asked.method == "HEAD":
        return Played(status=200, headers=(), pieces=())
    rest = asked.path.rstrip("/")
    if rest.endswith(("/count_tokens", "/count-tokens", "/count-tokens:rawPredict")):
        name = "inputTokens" if asked.family is Family.BEDROCK else "input_tokens"
        return _made({name: round(len(body) / BYTES_PER_TOKEN)})
    if rest.endswith("/v1/models"):
        data = [
            {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"} for name in models
        ]
        ends = {"first_id": models[0], "last_id": models[-1]} if models else {}
        return _made({"data": data, "has_more": False, **ends})
    if rest.endswith("/inference-profiles"):
        found = [{"inferenceProfileId": name, "status": "ACTIVE", "type": "SYSTEM_DEFINED"} for name in models]
        return _made({"inferenceProfileSummaries": found})
    return refused(None, f"no such call is answered: {asked.method} {asked.path}")


def _stream(take: Take) -> Iterator[tuple[int, bytes]]:
    assert take.answer is not None
    events = replay(take.answer, take.deltas)
    if take.row.protocol != Protocol.BEDROCK_INVOKE:
        yield from events
        return
    translator = stream_translator(Family.MESSAGES, Family.BEDROCK)
    for at_us, event in events:
        if frames := translator.feed(event):
            yield at_us, frames


def _body(answer: bytes) -> bytes:
    value = parse_json(answer)
    if isinstance(value, Mapping) and value.get("type") == "unparsed":
        return str(value["text"]).encode() if "text" in value else msgspec.json.encode(value.get("json"))
    return answer


def _whole_us(take: Take) -> int:
    return round((take.row.duration_ms or 0) * 1000)


def _headers(take: Take, kind: str) -> Headers:
    kept = tuple(
        (name, value) for name, value in take.headers if name.lower() not in _FOLLOWS and "[REDACTED:" not in value
    )
    has_kind = any(name.lower() == "content-type" for name, _ in kept)
    return kept if has_kind else (*kept, ("content-type", kind))


def _made(value: object) -> Played:
    return _whole(Refusal(200, (("content-type", _JSON),), msgspec.json.encode(value)))


def _whole(said: Refusal) -> Played:
    return Played(status=said.status, headers=said.headers, pieces=((0, said.body),))
