"""What the audit addon makes of a flow before its hooks go on."""

from types import SimpleNamespace
from typing import Any

from mitmproxy import http
from mitmproxy.connection import ConnectionState
from mitmproxy.test import tflow
from recorded import CONNECTING_SECONDS, Asked, Recording

from recorder.wire.classify import classify


class FakeRun:
    """Remembers how long each request was said to take until it is under way."""

    outbound = "off"

    def __init__(self) -> None:
        self.ways: list[float] = []

    def exchange(self, _opening: object, _body: bytes, under_way_seconds: float) -> Any:
        self.ways.append(under_way_seconds)
        return SimpleNamespace()


def asked(flow: http.HTTPFlow) -> Asked:
    return Asked(flow.request, classify("POST", "127.0.0.1", "/v1/messages"))


def test_the_writer_is_woken_later_where_a_connection_has_to_be_made_first() -> None:
    run: Any = FakeRun()
    first, second, other, eager = (tflow.tflow() for _ in range(4))
    for flow in (first, second, other):
        flow.server_conn.state = ConnectionState.CLOSED  # as with lazy connections, for later requests too
    eager.server_conn.state = ConnectionState.OPEN
    second.client_conn = first.client_conn
    for flow in (first, second, other, eager):
        Recording(flow, run, asked(flow))
    assert run.ways == [CONNECTING_SECONDS, 0, CONNECTING_SECONDS, 0]
