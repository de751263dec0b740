"""Sends in one piece what mitmproxy would send in many: head and body of a request, chunks that came together.

mitmproxy writes each thing that its layers say to a socket by itself: twice for a request, 205 times for an answer
whose 205 chunks came in one piece, and each time the system wakes whoever reads. Here the pieces that one event has
given are joined before they are written. The bytes on the wire stay the same, framing included, and nothing waits for
what is not there yet: mitmproxy works on one event from its beginning to its end before it does anything else. What
goes by UDP (QUIC, DNS) is left alone: there each piece is a datagram.
"""

from collections.abc import Iterator
from typing import Any, Protocol

from fast import KNOWN_VERSIONS
from mitmproxy import connection, ctx, version
from mitmproxy.proxy import commands, events

JOINED_BYTES = 64_000
"""Up to this size pieces are joined: the copy is cheaper than a system call."""
JOINED_PIECES = 16
"""And so many of them: the first waits while mitmproxy makes the others, 25 µs each. A head goes by itself."""


class Layer(Protocol):
    """The outermost protocol layer of a client's connection, as far as mitmproxy's connection handler uses it."""

    def handle_event(self, event: events.Event) -> Iterator[commands.Command]:
        """Say what is to be done about an event."""


class JoiningLayer:
    """Says what another layer says, in its order, with neighbouring data for one connection in one piece."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer

    def handle_event(self, event: events.Event) -> Iterator[commands.Command]:
        """Say what is to be done about an event; what was said before an error comes before it."""
        held: list[commands.SendData] = []
        size = 0
        try:
            for command in self._layer.handle_event(event):
                if type(command) is not commands.SendData or command.connection.transport_protocol != "tcp":
                    yield from _joined(held)
                    held, size = [], 0
                    yield command
                    continue
                size += len(command.data)
                is_full = size > JOINED_BYTES or len(held) == JOINED_PIECES
                if held and (is_full or command.connection is not held[0].connection):
                    yield from _joined(held)
                    held, size = [], len(command.data)
                held.append(command)
        except Exception:
            yield from _joined(held)
            raise
        yield from _joined(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)


def _joined(held: list[commands.SendData]) -> list[commands.SendData]:
    if len(held) < 2:
        return held
    return [commands.SendData(held[0].connection, b"".join([each.data for each in held]))]


class Joining:
    """mitmproxy addon; does nothing in versions of mitmproxy that were not looked into."""

    def client_connected(self, client: connection.Client) -> None:
        """Put the joining layer around those of a connection, before any of them has said anything."""
        if version.VERSION not in KNOWN_VERSIONS:
            return
        proxyserver = ctx.master.addons.get("proxyserver")
        handler = proxyserver.connections.get(client.id) if proxyserver else None
        if handler is not None:
            handler.layer = JoiningLayer(handler.layer)
