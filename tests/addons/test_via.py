"""The way through a corporate proxy: with its password, around it, and with the client's own headers left alone."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mitmproxy import exceptions
from via import Via

from recorder.demo.answers import Answer, Text, in_order
from recorder.demo.provider import Provider
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import headers, message
from tests.support.wire_client import post

HELLO = Answer(blocks=(Text("Hello from the other side of the proxy."),))
AUTH = "ada:" + "made-up-word"
SIGNED_IN = f"Basic {base64.b64encode(AUTH.encode()).decode()}"


class CorporateProxy:
    """Takes any request, remembers its head, answers it itself."""

    def __init__(self) -> None:
        self.heads: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self.heads or self.heads[-1].startswith("CONNECT"):
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            if self.heads[-1].startswith("CONNECT"):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        writer.close()


@pytest.fixture
async def corporate() -> AsyncIterator[tuple[str, CorporateProxy]]:
    proxy = CorporateProxy()
    async with await asyncio.start_server(proxy.answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}", proxy


@pytest.mark.parametrize("mode", ["reverse:http://provider.invalid@127.0.0.1:0", "upstream:{url}@127.0.0.1:0"])
async def test_signs_in_and_leaves_the_clients_own_key_alone(tmp_path: Path, corporate, mode: str) -> None:
    url, proxy = corporate
    words = ("--via", url) if mode.startswith("reverse") else ()
    env = {"RECORDER_PROXY_AUTH": AUTH}
    with RecorderProcess(tmp_path, *words, mode=mode.format(url=url), env=env) as process:
        target = "/v1/messages" if words else "http://provider.invalid/v1/messages"
        got = await post(process.url, target, message("hi"), headers("s", Authorization="Bearer of-the-client-1"))
        assert got.status == 200
        first, last = proxy.heads[0], proxy.heads[-1]
        assert first.startswith(("CONNECT provider.invalid:80 ", "POST http://provider.invalid/v1/messages "))
        assert f"Proxy-Authorization: {SIGNED_IN}\r\n" in first
        assert (first is last) or "Proxy-Authorization" not in last  # inside the tunnel it would reach the provider
        assert "\r\nAuthorization: Bearer of-the-client-1\r\n" in last
        assert process.one("s").status == 200
    assert base64.b64encode(AUTH.encode()) not in process.every_byte()


@pytest.mark.parametrize("mode", ["reverse:{provider}@127.0.0.1:0", "upstream:{url}@127.0.0.1:0"])
async def test_goes_around_for_hosts_that_are_direct(tmp_path: Path, corporate, mode: str) -> None:
    url, proxy = corporate
    async with Provider(in_order(HELLO)) as provider:
        spec = mode.format(provider=provider.url, url=url)
        words = ("--direct", "127.0.0.1", *(("--via", url) if mode.startswith("reverse") else ()))
        with RecorderProcess(tmp_path, *words, mode=spec, env={"RECORDER_PROXY_AUTH": AUTH}) as process:
            target = "/v1/messages" if mode.startswith("reverse") else f"{provider.url}/v1/messages"
            got = await post(process.url, target, message("hi"), headers("s"))
        assert got.complete
        assert proxy.heads == []
        assert provider.exchanges[0].request.header("proxy-authorization") is None


def test_what_is_no_proxy_is_refused() -> None:
    with pytest.raises(exceptions.OptionsError, match="give http://HOST:PORT"):
        Via("nonsense://x")
