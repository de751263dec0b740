"""Answers, rendered once: a Messages stream, an event to a chunk, and what a client must get of it."""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from recorder.demo.answers import Answer, Text, Tokens
from recorder.demo.events import message_events
from tests.bench.bodies import MODEL

STAMP = b"0" * 20
"""The place of a time in nanoseconds in the text of a delta."""
STAMPED = re.compile(rb"\d{20}")
_FRAME_EVENTS = 5
"""Events of a stream that are no delta: beginning and end of message and block, and the usage."""
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    b"request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n"
)
LAST_CHUNK = b"0\r\n\r\n"


class Stream(msgspec.Struct, frozen=True):
    """A rendered answer: its chunks, framed."""

    chunks: tuple[bytes, ...]

    @property
    def framed(self) -> bytes:
        """The body as it goes over the wire."""
        return b"".join(self.chunks) + LAST_CHUNK

    @property
    def plain(self) -> bytes:
        """The body without chunks' framing."""
        return dechunk(self.framed)


def stream(events: int) -> Stream:
    """Return a stream of that many events, at least 6."""
    return Stream(tuple(map(_chunk, message_events(answer(events), MODEL, "msg_bench"))))


def answer(events: int) -> Answer:
    """Return what a stream of that many events says: a time in each delta."""
    deltas = events - _FRAME_EVENTS
    tokens = Tokens(input=7, output=deltas, cache_read=4000)
    return Answer(blocks=(Text(STAMP.decode() * deltas),), tokens=tokens, cut_chars=len(STAMP))


def _chunk(event: dict[str, Any]) -> bytes:
    data = f"event: {event['type']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def dechunk(framed: bytes) -> bytes:
    """Return a chunked body without its framing; ValueError when it is not whole."""
    pieces: list[bytes] = []
    at = 0
    while True:
        line = framed.index(b"\r\n", at)
        size = int(framed[at:line], 16)
        if size == 0:
            return b"".join(pieces)
        pieces.append(framed[line + 2 : line + 2 + size])
        at = line + 2 + size + 2


def unstamped(body: bytes) -> bytes:
    """Return the body with its times set to zero, for comparing."""
    return STAMPED.sub(STAMP, body)


def delays_ms(arrivals: Sequence[tuple[int, bytes]]) -> list[float]:
    """Return how long after it was sent each stamped event arrived; `arrivals`: time in ns and bytes, in order.

    A stamp that is cut by two arrivals counts as arrived with the second. Events that were sent before the answer
    began to arrive are left out: their delay is the time to the first byte, which is a figure of its own.
    """
    found: list[float] = []
    began_ns = arrivals[0][0] if arrivals else 0
    rest = b""
    for at_ns, data in arrivals:
        joined = rest + data
        end = 0
        for match in STAMPED.finditer(joined):
            end = match.end()
            if (sent := int(match[0])) > began_ns:
                found.append((at_ns - sent) / 1e6)
        rest = joined[end:][-(len(STAMP) - 1) :]
    return found
