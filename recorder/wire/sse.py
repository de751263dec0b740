"""Server-sent events (WHATWG HTML, section 9.2.6 "Interpreting an event stream"; checked November 2026), sans-io.

Strategy: feeds are cut into lines as they come, and only the pieces of the line still open are kept apart, so that no
byte is looked at twice however the bytes are split. A block of lines is read when its empty line arrives. Nearly all
blocks are an `event` line and a `data` line that arrive whole: those are taken as they are, without looking at lines.

What a browser ignores is kept here, because a consumer may discard and an auditor may not:

- every block with a known field is an event, even without data (the Anthropic SDKs see it so too);
- comments ride along with the next event;
- lines of unknown fields, forbidden `id` and `retry` values, invalid UTF-8, a block that the end of the stream cut off
  and comments that no event follows are anomalies: `sse_unknown_field`, `sse_bad_value`, `sse_invalid_utf8`,
  `sse_truncated`, `sse_comment`. Those of a block stand before its event; their `raw` has LF for every line end.
"""

import re

import msgspec

from recorder.wire.anomaly import Anomaly, anomaly

_BOM = b"\xef\xbb\xbf"
_LINE_ENDS = b"\r\n"
_RETRY_DIGITS = 15  # 30,000 years; int() of a much longer run of digits raises, and costs quadratic time

_PLAIN_BLOCK = re.compile(rb"event: ?([^\r\n]*)\ndata: ?([^\r\n]*)\n\n")


class SseEvent(msgspec.Struct, frozen=True, gc=False):
    """One block of lines.

    `event` is `message` when the block named none; `data` joins its data lines with LF; `id` is the last event id seen
    so far in the stream; `retry_ms` is the reconnection time that the block asked for; `comments` are those since the
    event before. Invalid UTF-8 appears as U+FFFD.
    """

    event: str
    data: str
    id: str | None = None
    retry_ms: int | None = None
    comments: tuple[str, ...] = ()


class SseDecoder:
    """Feed it the bytes of one answer in any cut: it gives the same events and anomalies for every cut."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []  # of the line that has not ended yet
        self._lines: list[bytes] = []  # the ended lines of the block that has not ended yet
        self._comments: list[str] = []
        self._last_id: str | None = None
        self._after_cr = False
        self._at_start = True

    @property
    def is_between(self) -> bool:
        """Whether what was fed so far ends with a block, and nothing of it is still to be told."""
        return not (self._pieces or self._lines or self._comments or self._after_cr or self._at_start)

    def feed(self, data: bytes) -> list[SseEvent | Anomaly]:
        """Take the next bytes; give what they complete."""
        if self._after_cr and data:
            # The CR that ended the last feed already ended its line; an LF right after it belongs to the same end.
            self._after_cr = False
            data = data.removeprefix(b"\n")
        items: list[SseEvent | Anomaly] = []
        at = self._take_plain_blocks(data, 0, items)
        while at < len(data):
            end = data.find(b"\n\n", at) + 2
            if end < 2:
                end = len(data)
            self._take_lines(data[at:end], items)
            at = self._take_plain_blocks(data, end, items)
        return items

    def _take_plain_blocks(self, data: bytes, at: int, items: list[SseEvent | Anomaly]) -> int:
        """Take the blocks from `at` on that need no second look; return where the first other one begins."""
        if self._pieces or self._lines or self._comments:
            return at
        while block := _PLAIN_BLOCK.match(data, at):
            name, text = block.groups()
            try:
                items.append(SseEvent(name.decode() or "message", text.decode(), self._last_id))
            except UnicodeDecodeError:
                break
            at = block.end()
            self._at_start = False
        return at

    def _take_lines(self, data: bytes, items: list[SseEvent | Anomaly]) -> None:
        # bytes.splitlines() knows CR, LF and CRLF and nothing else, unlike str.splitlines().
        for line in data.splitlines(keepends=True):
            self._pieces.append(line)
            if line[-1] in _LINE_ENDS:
                self._end_line(items)
        self._after_cr = data.endswith(b"\r")

    def finish(self) -> list[SseEvent | Anomaly]:
        """Say that the stream is over; what it cut off, and comments after the last event, come as anomalies.

        A client never sees an unfinished block, even if only its empty line is missing, so it is no event here either.
        """
        items: list[SseEvent | Anomaly] = []
        raw = b"\n".join([*self._lines, self._take_line()])
        self._lines.clear()
        if raw:
            items.append(anomaly("sse_truncated", f"the stream ended inside a block, {len(raw)} bytes into it", raw))
        if self._comments:
            detail = f"{len(self._comments)} comment(s) after the last event"
            items.append(anomaly("sse_comment", detail, "\n".join(self._comments).encode()))
            self._comments.clear()
        return items

    def _end_line(self, items: list[SseEvent | Anomaly]) -> None:
        line = self._take_line()
        if line:
            self._lines.append(line)
        elif self._lines:
            self._end_block(items)

    def _take_line(self) -> bytes:
        line = b"".join(self._pieces).rstrip(_LINE_ENDS)
        self._pieces.clear()
        if self._at_start:
            self._at_start = False
            return line.removeprefix(_BOM)
        return line

    def _end_block(self, items: list[SseEvent | Anomaly]) -> None:
        block = _Block(self._last_id)
        for line in self._lines:
            block.read(line)
        self._lines.clear()
        self._last_id = block.id
        self._comments += block.comments
        items += block.anomalies()
        if block.has_field:
            items.append(
                SseEvent(
                    event=block.event or "message",
                    data="\n".join(block.data),
                    id=block.id,
                    retry_ms=block.retry_ms,
                    comments=tuple(self._comments),
                )
            )
            self._comments.clear()


class _Block:
    """What the lines of one block say, and which of them say nothing that the format knows."""

    def __init__(self, last_id: str | None) -> None:
        self.has_field = False
        self.event = ""
        self.data: list[str] = []
        self.id = last_id
        self.retry_ms: int | None = None
        self.comments: list[str] = []
        self._undecodable: list[bytes] = []
        self._unknown: list[bytes] = []
        self._bad: list[bytes] = []

    def read(self, line: bytes) -> None:
        """Sort one line, without its end, by its field."""
        name, _, value = self._decode(line).partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments.append(value)
        elif name not in _SETTERS:
            self._unknown.append(line)
        elif _SETTERS[name](self, value):
            self.has_field = True
        else:
            self._bad.append(line)

    def anomalies(self) -> list[Anomaly]:
        """One anomaly for each kind of trouble, however many lines have it."""
        troubles = (
            ("sse_invalid_utf8", "with invalid UTF-8", self._undecodable),
            ("sse_unknown_field", "with an unknown field name", self._unknown),
            ("sse_bad_value", "with an id or retry value that the format forbids", self._bad),
        )
        return [
            anomaly(kind, f"{len(lines)} line(s) {trouble}", b"\n".join(lines))
            for kind, trouble, lines in troubles
            if lines
        ]

    def _decode(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self._undecodable.append(line)
            return line.decode(errors="replace")

    def _set_event(self, value: str) -> bool:
        self.event = value
        return True

    def _add_data(self, value: str) -> bool:
        self.data.append(value)
        return True

    def _set_id(self, value: str) -> bool:
        if "\0" in value:
            return False
        self.id = value
        return True

    def _set_retry(self, value: str) -> bool:
        if not (value.isascii() and value.isdigit() and len(value) <= _RETRY_DIGITS):
            return False
        self.retry_ms = int(value)
        return True


_SETTERS = {
    "event": _Block._set_event,
    "data": _Block._add_data,
    "id": _Block._set_id,
    "retry": _Block._set_retry,
}
