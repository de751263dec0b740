"""Takes all chunks of a body that are in the buffer already as one; nothing waits for what is not there yet.

mitmproxy passes every chunk of a chunked body through its layers by itself, and writes it to the client's socket by
itself: 205 times for an answer that came in one piece. This reader stands in the place of h11's, which mitmproxy asks
for "the next piece of the body", and answers with all that there is. Bodies stay as they are, byte for byte; only
where one chunk ends and the next begins differs, which HTTP leaves to every hop.
"""

import re
from collections.abc import Callable
from typing import Protocol

from h11 import Data, EndOfMessage, ProtocolError

type Piece = Data | EndOfMessage | None

_PLAIN_HEADER = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")


class Buffer(Protocol):
    """What has arrived and has not been read: h11's buffer, which is private there, as far as it is used here."""

    def __len__(self) -> int:
        """Return how many bytes there are."""

    def __bytes__(self) -> bytes:
        """Return a copy of them."""

    def maybe_extract_at_most(self, count: int) -> bytearray | None:
        """Take up to so many bytes out; None when there are none."""


class BodyReader(Protocol):
    """Takes the next piece of a body out of a buffer; None when there is none yet."""

    def __call__(self, buf: Buffer) -> Piece:
        """Raise ProtocolError for what is no body."""

    def read_eof(self) -> EndOfMessage:
        """Return the end, or raise ProtocolError when the connection ended before the body."""


class MergingReader:
    """A body reader that gives all of the body that is in the buffer; its end or its error come afterwards.

    Whole, plain chunks it takes itself. What is anything else, be it a chunk in parts, an extension, the end or an
    error, is for h11's reader, which therefore has the say on what a body is. Its state is known from outside: fresh,
    or just past the data of a chunk. A fresh one takes its place after each chunk that it finished.
    """

    def __init__(self, make_reader: Callable[[], BodyReader]) -> None:
        self._make_reader = make_reader
        self._reader = make_reader()
        self._is_fresh = True
        self._is_past_data = False
        self._next: EndOfMessage | ProtocolError | None = None

    def __call__(self, buf: Buffer) -> Piece:
        """Return what of the body is in the buffer, or its end; None when there is nothing."""
        if self._next is None and (data := self._data(buf)):
            return Data(data=data)
        after, self._next = self._next, None
        if isinstance(after, ProtocolError):
            raise after
        return after

    def read_eof(self) -> EndOfMessage:
        """Return the end of a body that ends with its connection."""
        return self._reader.read_eof()

    def _data(self, buf: Buffer) -> bytes:
        pieces: list[bytes] = []
        while buf and self._next is None:
            self._pass_footer(buf)
            if self._is_fresh:
                pieces += _take_whole_chunks(buf)
            pieces.append(self._ask(buf))
            if not pieces[-1]:
                break
        return b"".join(pieces)

    def _ask(self, buf: Buffer) -> bytes:
        """Let h11's reader take one step; keep what is not data for later."""
        before = len(buf)
        try:
            piece = self._reader(buf)
        except ProtocolError as error:
            piece = None
            self._next = error
        self._is_fresh = self._is_fresh and len(buf) == before
        self._is_past_data = isinstance(piece, Data) and piece.chunk_end
        if isinstance(piece, Data):
            return piece.data
        self._next = self._next or piece
        return b""

    def _pass_footer(self, buf: Buffer) -> None:
        if self._is_past_data and bytes(buf)[:2] == b"\r\n":
            buf.maybe_extract_at_most(2)
            self._reader = self._make_reader()
            self._is_fresh, self._is_past_data = True, False


def _take_whole_chunks(buf: Buffer) -> list[bytes]:
    """Take the data of the chunks that are in the buffer from their first byte to their last."""
    data = bytes(buf)
    pieces: list[bytes] = []
    at = 0
    while header := _PLAIN_HEADER.match(data, at):
        start = header.end()
        end = start + int(header[1], 16)
        if data[end : end + 2] != b"\r\n" or end == start:
            break
        pieces.append(data[start:end])
        at = end + 2
    buf.maybe_extract_at_most(at)
    return pieces


def merging(make_reader: Callable[[int | None], BodyReader]) -> Callable[[int | None], BodyReader]:
    """Return a maker of readers that merges where `make_reader` makes one for chunks (`expected_size` is None)."""

    def make(expected_size: int | None) -> BodyReader:
        return make_reader(expected_size) if expected_size is not None else MergingReader(lambda: make_reader(None))

    return make
