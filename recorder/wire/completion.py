"""The events of the legacy `/v1/complete` stream: every `completion` event carries a piece of the text.

Source: the API's documentation of Text Completions (general knowledge; this program saw no such traffic).
"""

from typing import Any

from recorder.wire.failure import error_in
from recorder.wire.journal import Delta, ErrorInfo, Journal, read_event
from recorder.wire.jsontext import join_text


class CompletionAssembler:
    """Takes the events of one stream in order; `finish` gives the completion object."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._fields: dict[str, Any] = {}
        self._texts: list[str] = []
        self.error: ErrorInfo | None = None

    @property
    def complete(self) -> bool:
        """Whether a stop reason came and no error."""
        return self._fields.get("stop_reason") is not None and self.error is None

    def event(self, name: str, data: str, at_us: int) -> None:
        """Apply one event."""
        event = read_event(name, data)
        fields = event.value or {}
        if name == "ping":
            self._journal.deltas.append(Delta(at_us, "ping"))
        elif isinstance(fields.get("completion"), str):
            self._texts.append(fields["completion"])
            self._fields.update(fields)
            self._journal.deltas.append(Delta(at_us, "completion", 0, len(fields["completion"])))
        elif name == "error" or fields.get("error"):
            self.fail(error_in(fields or data, "error"), at_us)
        else:
            self._journal.keep_event(at_us, event, "unknown_event", "an event that cannot be applied")

    def fail(self, error: ErrorInfo, at_us: int) -> None:
        """Take an error."""
        self._journal.deltas.append(Delta(at_us, "error"))
        self.error = self.error or error

    def finish(self) -> dict[str, Any] | None:
        """Return the completion as far as it came; None when there was nothing at all."""
        if not self.complete and self.error is None:
            self._journal.note("truncated", "the stream ended before a stop reason")
        answer = dict(self._fields)
        if self._texts:
            answer["completion"] = join_text(self._texts)
        if self.error is not None:
            answer["error"] = {"type": self.error.type, "message": self.error.message}
        if self._journal.unknown_events:
            answer["unknown_events"] = self._journal.unknown_events
        return answer or None
