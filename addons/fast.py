"""The fast way through mitmproxy: merged chunks, where that is known, and has just been seen, to change no byte.

It puts a reader of ours in the place of one inside mitmproxy, and has messages made without looking at the types of
all that is in them, which is there to find mistakes in mitmproxy and takes longer than to make them. So it is taken
only in versions of mitmproxy that were looked into, and after a self-test that sends answers through mitmproxy's own
code without it and with it. Whatever is wrong, the plain way is taken, which differs in speed alone.
"""

import importlib
import itertools
import logging
from types import ModuleType
from typing import Any

from merging import merging
from mitmproxy import connection, http, version
from mitmproxy.options import Options
from mitmproxy.proxy import commands, context, events

logger = logging.getLogger(__name__)

type Seen = tuple[str, bytes]
"""What an HTTP layer said: the name of the event or command, and its data."""

KNOWN_VERSIONS = ("12.2.3", "12.3.1")
"""Versions of mitmproxy whose code was read for this and whose forwarding was tested with it."""
_HTTP1 = "mitmproxy.proxy.layers.http._http1"
_EVENTS = "mitmproxy.proxy.layers.http._events"
_CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_CHUNKS = b"".join(b"%x\r\n%b\r\n" % (size, bytes([size]) * size) for size in (1, 15, 16, 100, 255))
_ANSWERS = (
    _CHUNKED + _CHUNKS + b"0\r\n\r\n",
    _CHUNKED + _CHUNKS + b"20\r\nbroken off",
    _CHUNKED + _CHUNKS + b"no chunk\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
)
_STEPS = (1, 7, 100, 100_000)
"""How many bytes of an answer arrive at a time in the self-test."""


def install() -> bool:
    """Make mitmproxy merge chunks from the next connection on; return False, and say why, when it will not."""
    if version.VERSION not in KNOWN_VERSIONS:
        return _refused(f"it is not known to work with mitmproxy {version.VERSION}")
    try:
        http1: Any = importlib.import_module(_HTTP1)
        data: Any = http.MessageData
        plain, checked = http1.make_body_reader, data.__post_init__
        before = _self_test(http1)
        http1.make_body_reader, data.__post_init__ = merging(plain), _unchecked
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with a private module, there is the plain way
        return _refused(f"mitmproxy is not as expected: {error!r}")
    try:
        passed = _is_merging(before, _self_test(http1))
    except Exception:  # noqa: BLE001 -- the same
        passed = False
    if not passed:
        http1.make_body_reader, data.__post_init__ = plain, checked
        return _refused("its self-test failed")
    return True


def _unchecked(_data: http.MessageData) -> None:
    pass


def _refused(reason: str) -> bool:
    logger.warning("recorder: going without the fast way, at the speed of plain mitmproxy: %s", reason)
    return False


def _self_test(http1: ModuleType) -> list[list[Seen]]:
    return [_said(http1, answer, step) for answer, step in itertools.product(_ANSWERS, _STEPS)]


def _is_merging(before: list[list[Seen]], after: list[list[Seen]]) -> bool:
    """Whether the same was said of every answer, in fewer pieces."""
    is_same = all(_joined(one) == _joined(other) for one, other in zip(before, after, strict=True))
    return is_same and sum(map(len, after)) < sum(map(len, before))


def _joined(said: list[Seen]) -> list[Seen]:
    """Return what was said with neighbouring pieces of a body in one."""
    return [(name, b"".join(data for _, data in some)) for name, some in itertools.groupby(said, lambda seen: seen[0])]


def _said(http1: ModuleType, answer: bytes, step: int) -> list[Seen]:
    """Return what mitmproxy's HTTP/1 client layer makes of an answer that comes `step` bytes at a time, then ends."""
    client = connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2))
    server = connection.Server(address=("127.0.0.1", 3))
    server.state = connection.ConnectionState.OPEN
    surroundings = context.Context(client, Options())
    surroundings.server = server
    layer = http1.Http1Client(surroundings)
    request = http.Request.make("GET", "http://127.0.0.1/")
    http_events = importlib.import_module(_EVENTS)
    pieces = (answer[at : at + step] for at in range(0, len(answer), step))
    happening = (
        events.Start(),
        http_events.RequestHeaders(1, request, True),
        http_events.RequestEndOfMessage(1),
        *(events.DataReceived(server, piece) for piece in pieces),
        events.ConnectionClosed(server),
    )
    return [_seen(command) for event in happening for command in layer.handle_event(event)]


def _seen(command: commands.Command) -> Seen:
    event = getattr(command, "event", command)
    return type(event).__name__, bytes(getattr(event, "data", b"") or getattr(event, "message", "").encode())
