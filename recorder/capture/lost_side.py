"""What was kept of an answer whose recorder is gone → the `Closed` row that says how far it had come.

Nothing is redacted here: what the store gives back was safe when it was stored, and the detectors are not loaded yet.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from recorder.capture.answer_side import cost
from recorder.capture.wash import header, utc
from recorder.capture.withheld import REQUEST_ID
from recorder.model import Finding, Protocol, Provider, SafeBytes, State, ToolUse
from recorder.redact import stored_bytes, stored_text
from recorder.store.results import OpenInteraction
from recorder.store.rows import Closed, NewPart
from recorder.wire.answer import Answer, assemble_events
from recorder.wire.following import read_back

REASON = "crash"

type MakePart = Callable[[str, str | None, SafeBytes], NewPart]


class _Piece(msgspec.Struct):
    """The content of an `InFlight` row, see `recorder.capture.partial_side`."""

    bytes: int
    at_us: int
    timing: list[msgspec.Raw] = []
    events: list[dict[str, Any]] = []
    findings: tuple[Finding, ...] = ()
    status: int | None = None
    ttft_us: int | None = None
    protocol: Protocol | None = None
    provider: Provider | None = None
    headers: tuple[tuple[str, str], ...] = ()


class LostSide:
    """Makes `Closed` rows for what a run left open."""

    def __init__(self, names: Mapping[str, str], new_part: MakePart) -> None:
        """`names`: the configuration's names of models; `new_part` makes parts of kind, role and content."""
        self._names = names
        self._new_part = new_part

    def closed(self, found: OpenInteraction, pieces: Sequence[bytes], asked_model: str | None, now_us: int) -> Closed:
        """Return the row: of what `InFlight` rows brought, or without any that nothing is known."""
        bare = Closed(
            id=found.id,
            at_utc=utc(now_us),
            state=State.LOST,
            reason=REASON,
            provider=found.provider,
            duration_us=max(0, now_us - found.started_us),
        )
        try:
            read = [msgspec.json.decode(piece, type=_Piece) for piece in pieces]
            return self._known(bare, read, found.started_us, asked_model) if read else bare
        except (msgspec.MsgspecError, ValueError, LookupError, TypeError):
            return bare  # a damaged piece: the interaction must be closed all the same

    def _known(self, bare: Closed, pieces: list[_Piece], started_us: int, asked_model: str | None) -> Closed:
        first, last = pieces[0], pieces[-1]
        events = [read_back(event) for piece in pieces for event in piece.events]
        answer = assemble_events(first.protocol, first.status or 0, first.headers, events)
        provider = first.provider or bare.provider
        request_id = header(first.headers, *REQUEST_ID)
        model = asked_model if asked_model in self._names else answer.model or asked_model
        return msgspec.structs.replace(
            bare,
            status=first.status,
            headers=tuple((name, stored_text(value)) for name, value in first.headers),
            provider=provider,
            request_id=None if request_id is None else stored_text(request_id),
            ttft_us=first.ttft_us,
            duration_us=last.at_us,
            response_bytes=last.bytes,
            findings=_summed(pieces),
            answer=self._new_part("answer", "assistant", stored_bytes(answer.message)) if answer.message else None,
            timing=self._timing(pieces),
            **_said(answer),
            **(cost(answer.usage, provider, model, self._names, started_us) if answer.usage else {}),
        )

    def _timing(self, pieces: list[_Piece]) -> NewPart | None:
        rows = b",".join(bytes(row) for piece in pieces for row in piece.timing)
        return self._new_part("timing", None, stored_bytes(b"[%b]" % rows)) if rows else None


def _said(answer: Answer) -> dict[str, Any]:
    texts = {"model": answer.model, "message_id": answer.message_id, "stop_reason": answer.stop_reason}
    uses = (ToolUse(use.index, stored_text(use.id), stored_text(use.name)) for use in answer.tool_uses)
    return {
        **{name: None if text is None else stored_text(text) for name, text in texts.items()},
        "usage": answer.usage,
        "tool_uses": tuple(uses),
    }


def _summed(pieces: list[_Piece]) -> tuple[Finding, ...]:
    counts: dict[tuple[str, str | None], int] = {}
    for one in (finding for piece in pieces for finding in piece.findings):
        counts[one.kind, one.fingerprint] = counts.get((one.kind, one.fingerprint), 0) + one.count
    return tuple(Finding(kind, fingerprint, count) for (kind, fingerprint), count in counts.items())
