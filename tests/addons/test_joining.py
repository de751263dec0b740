"""Joined writes: the same bytes in the same order, in fewer pieces."""

import asyncio
import warnings
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joining import JOINED_BYTES, JOINED_PIECES, Joining, JoiningLayer
from mitmproxy import connection, version
from mitmproxy.proxy import commands, events

from tests.addons.test_mitmdump import mitmdump, wait_for
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import dumps, headers, message

with warnings.catch_warnings():  # mitmproxy's filter language uses names that its parser's newer versions deprecate
    warnings.simplefilter("ignore")
    from mitmproxy.addons.proxyserver import Proxyserver
    from mitmproxy.test import taddons

CLIENT = connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2))
SERVER = connection.Server(address=("127.0.0.1", 3))
DATA = st.builds(commands.SendData, st.sampled_from([CLIENT, SERVER]), st.binary(max_size=9))
OTHER = st.builds(commands.CloseConnection, st.sampled_from([CLIENT, SERVER])) | st.builds(commands.Log, st.text())
type Said = tuple[object, bytes | commands.Command]


class Layer:
    """Says what it is told to say, then breaks if it is told to."""

    name = "a layer"

    def __init__(self, words: Sequence[commands.Command], error: Exception | None = None) -> None:
        self._words = words
        self._error = error

    def handle_event(self, _event: events.Event) -> Iterator[commands.Command]:
        yield from self._words
        if self._error:
            raise self._error


def said(words: Sequence[commands.Command]) -> list[Said]:
    """Return what goes where, with all that goes to one connection in one, and what else is done."""
    found: list[Said] = []
    for to, some in groupby(words, lambda word: word.connection if isinstance(word, commands.SendData) else None):
        if to is None:
            found += [(None, word) for word in some]
        else:
            found.append((to, b"".join(word.data for word in some if isinstance(word, commands.SendData))))
    return found


@given(st.lists(DATA | OTHER, max_size=JOINED_PIECES))
def test_says_the_same_in_fewer_pieces(words: list[commands.Command]) -> None:
    joined = list(JoiningLayer(Layer(words)).handle_event(events.Start()))
    assert said(joined) == said(words)
    assert len(joined) == len(said(words))


def test_large_pieces_go_uncopied() -> None:
    large = commands.SendData(CLIENT, bytes(JOINED_BYTES))
    head, tail = commands.SendData(CLIENT, b"head"), commands.SendData(CLIENT, b"tail")
    joined = list(JoiningLayer(Layer([head, large, tail, tail])).handle_event(events.Start()))
    assert joined[0] is head
    assert joined[1] is large
    assert said(joined) == said([head, large, tail, tail])
    assert len(joined) == 3


def test_datagrams_stay_apart() -> None:
    by_udp = connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), transport_protocol="udp")
    words = [commands.SendData(by_udp, b"one"), commands.SendData(by_udp, b"two"), commands.SendData(CLIENT, b"three")]
    assert list(JoiningLayer(Layer(words)).handle_event(events.Start())) == words


def test_the_first_of_many_does_not_wait_for_the_last() -> None:
    words = [commands.SendData(CLIENT, b"%d" % number) for number in range(2 * JOINED_PIECES + 1)]
    joined = list(JoiningLayer(Layer(words)).handle_event(events.Start()))
    assert said(joined) == said(words)
    assert len(joined) == 3


def test_what_was_said_before_an_error_comes_before_it() -> None:
    words = [commands.SendData(CLIENT, b"one"), commands.SendData(CLIENT, b"two")]
    saying = JoiningLayer(Layer(words, KeyError("broken"))).handle_event(events.Start())
    assert said([next(saying)]) == said(words)
    with pytest.raises(KeyError, match="broken"):
        next(saying)


def layer_after_connecting() -> object:
    server = Proxyserver()  # type: ignore[no-untyped-call]
    with taddons.context(server, Joining()) as context:
        handler = SimpleNamespace(layer=Layer([]))
        server.connections[CLIENT.id] = handler  # type: ignore[assignment]
        context.master.addons.get("joining").client_connected(CLIENT)
        return handler.layer


async def test_each_connection_of_a_client_gets_one() -> None:
    layer = layer_after_connecting()
    assert isinstance(layer, JoiningLayer)
    assert layer.name == "a layer"


async def test_leaves_an_unknown_version_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "VERSION", "12.9.0")
    assert isinstance(layer_after_connecting(), Layer)


async def test_leaves_a_connection_alone_that_is_none_of_the_proxys() -> None:
    with taddons.context(Proxyserver(), Joining()) as context:  # type: ignore[no-untyped-call]
        context.master.addons.get("joining").client_connected(CLIENT)


class CountingProvider:
    """Answers each request with many chunks in one piece; counts the pieces in which requests came."""

    chunks = b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in [b"data: {}\n\n"] * 100)
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" + chunks

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1_000_000):
            self.pieces.append(data)
            if b"".join(self.pieces).endswith(b"}"):
                writer.write(self.answer + b"0\r\n\r\n")
        writer.close()


async def exchanged(port: int, body: bytes) -> list[bytes]:
    """Send a request; return the pieces in which its answer comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers("s").items())
    head = f"POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    pieces: list[bytes] = []
    async with asyncio.timeout(60):
        while not b"".join(pieces).endswith(b"\r\n0\r\n\r\n"):
            pieces.append(await reader.read(1_000_000))
            assert pieces[-1], b"".join(pieces)
    writer.close()
    return pieces


async def test_recorder_start_sends_a_request_and_its_answer_in_one_piece(tmp_path: Path) -> None:
    provider = CountingProvider()
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with RecorderProcess(tmp_path, mode=f"reverse:http://127.0.0.1:{port}@127.0.0.1:0") as process:
            pieces = await exchanged(process.said["listening"][0]["port"], dumps(message("hi")))
    assert len(provider.pieces) == 1
    assert len(pieces) <= 3, pieces  # the head goes first, and the last chunk waits for the record


async def through_mitmdump(home: Path, *words: str) -> list[bytes]:
    provider, lines = CountingProvider(), list[str]()
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0) as server:
        upstream = f"reverse:http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with mitmdump(home, "--mode", upstream, *words) as process:
            port = int(wait_for(process, r"listening at \S*?:(\d+)", lines)[1])
            wait_for(process, "recorder: recording to", lines)
            return await exchanged(port, dumps(message("hi")))


async def test_mitmdump_sends_chunks_that_came_together_in_one_piece_and_unchanged(tmp_path: Path) -> None:
    pieces = await through_mitmdump(tmp_path, "--set", "recorder_fast=false")
    _, _, framed = b"".join(pieces).partition(b"\r\n\r\n")
    assert framed == CountingProvider.chunks + b"0\r\n\r\n"
    assert len(pieces) <= 1 + 100 // JOINED_PIECES + 1 + 1, pieces


async def test_mitmdump_merges_chunks_that_came_together(tmp_path: Path) -> None:
    pieces = await through_mitmdump(tmp_path)
    _, _, framed = b"".join(pieces).partition(b"\r\n\r\n")
    events = b"data: {}\n\n" * 100
    assert framed == b"%x\r\n%b\r\n0\r\n\r\n" % (len(events), events)
