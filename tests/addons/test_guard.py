"""Requests that web pages could make a browser send, and listeners that other machines could reach."""

import asyncio
import ssl
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ResponseReceived

from recorder.demo.answers import Answer, Text
from recorder.demo.provider import Provider
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.e2e.certificates import make_authority
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import WireClient, post

HELLO = Answer(blocks=(Text("Hello."),))

GOOD = (
    {"Host": "127.0.0.1:8787"},
    {"Host": "LOCALHOST"},
    {"Host": "recorder.localhost:1"},
    {"Host": "recorder.internal."},
    {"Host": ""},
)
BAD = (
    {"Host": "evil.test"},
    {"Host": "127.0.0.1.evil.test:8787"},
    {"Host": "localhost@evil.test"},
    {"Host": "192.168.1.5"},
    {"Host": "127.0.0.1", "Origin": "https://evil.test"},
    {"Host": "127.0.0.1", "Origin": "null"},
    {"Host": "localhost", "origin": "http://localhost:3000"},
)


def always(_request: object) -> Answer:
    return HELLO


async def test_foreign_hosts_and_origins_are_refused_counted_and_recorded(tmp_path: Path) -> None:
    config = tmp_path / "recorder.toml"
    config.write_text('listen_names = ["recorder.internal"]\n')
    async with Provider(always) as provider:
        words = ("--set", f"recorder_config={config}")
        with RecorderProcess(tmp_path, *words, mode=f"reverse:{provider.url}@127.0.0.1:0") as process:
            for fields in GOOD:
                assert (await post(process.url, "/v1/messages", message("hi"), headers("good") | fields)).complete
            for fields in BAD:
                got = await post(process.url, "/v1/messages", message("hi"), headers("bad") | fields)
                assert got.status == 403, fields
            bedrock = await post(process.url, "/model/x/invoke", message("hi"), {"Host": "evil.test"})
            assert bedrock.headers["x-amzn-errortype"] == "AccessDeniedException"
            for target in ("http://evil.test/v1/messages", "http://127.0.0.1:9/v1/messages"):
                got = await post(process.url, target, message("hi"), headers("bad", Host="127.0.0.1"))
                assert got.status == 403
            assert len(provider.exchanges) == len(GOOD)
            assert {exchange.request.header("host") for exchange in provider.exchanges} == {provider.url[7:]}
            process.stop()
            assert len(process.interactions()) == len(GOOD)
        found = [record for record in records(open_reader(process.db)) if record.kind in ("refused", "stop")]
        *refused, stop = [record.body for record in found]
        assert sorted(body["reason"] for body in refused) == ["host", "origin"]
        assert stop["refused"] >= len(BAD) + 2
        assert b"evil.test" not in process.every_byte()


async def test_no_other_host_can_be_asked_for(tmp_path: Path) -> None:
    async with Provider(always) as other, Provider(always) as provider:
        with RecorderProcess(tmp_path, mode=f"reverse:{provider.url}@127.0.0.1:0") as process:
            await post(process.url, f"{other.url}/v1/messages", message("hi"), headers("s"))
            async with WireClient(process.url, "/") as client:
                client.writer.write(f"CONNECT 127.0.0.1:{other.port} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
                assert (await client.head()).status >= 400
        assert other.exchanges == []


async def test_a_forward_proxy_takes_every_host(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        with RecorderProcess(tmp_path) as process:
            fields = headers("s", Origin="https://a.test")
            assert (await post(process.url, f"{provider.url}/v1/messages", message("hi"), fields)).complete
            assert provider.exchanges[0].request.header("origin") == "https://a.test"


@pytest.mark.parametrize(
    "mode", ["reverse:http://127.0.0.1:9@0.0.0.0:0", "regular@[::]:0", "regular", "upstream:http://p:1@:0"]
)
def test_a_listener_for_other_machines_needs_a_word(tmp_path: Path, mode: str) -> None:
    process = RecorderProcess(tmp_path, mode=mode)
    with pytest.raises(AssertionError, match="exit 2"), process:
        pass
    assert "other machines could use" in process.errors
    assert f"--mode {mode.partition(':')[0].partition('@')[0]} listens on" in process.errors
    assert "Traceback" not in process.errors


@pytest.mark.parametrize("mode", ["socks5", "socks5@0.0.0.0:0", "transparent"])
def test_what_can_ask_for_no_keys_is_not_for_other_machines(tmp_path: Path, mode: str) -> None:
    process = RecorderProcess(tmp_path, "--keys", mode=mode)
    with pytest.raises(AssertionError, match="exit 2"), process:
        pass
    assert "it cannot ask for keys; listen on 127.0.0.1" in process.errors


async def test_with_the_word_its_own_address_is_a_good_host(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        mode = f"reverse:{provider.url}@0.0.0.0:0"
        with RecorderProcess(tmp_path, "--allow-remote", mode=mode) as process:
            url = process.url.replace("0.0.0.0", "127.0.0.1")
            assert (await post(url, "/v1/messages", message("hi"), headers("s", Host="127.0.0.1:1"))).complete
            assert (await post(url, "/v1/messages", message("hi"), headers("s", Host="evil.test"))).status == 403


POST = b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY = dumps(message("hi", stream=False))
END = b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(BODY), BODY)
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
SMUGGLED = b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
RAW = [
    # What arrives is for the one provider, whatever it says about hosts.
    (POST + b"X-Forwarded-Host: evil.test\r\nX-Forwarded-For: 1.2.3.4\r\n" + END, 1),
    (POST + b"Forwarded: host=evil.test;proto=https\r\n" + END, 1),
    (b"POST //evil.test/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n" + END, 1),
    (b"POST /v1/messages?url=http://evil.test/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + END, 1),
    (POST + b"Upgrade: h2c\r\nConnection: Upgrade\r\n" + END, 1),
    # Names of other hosts.
    (b"POST http://evil.test/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n" + END, 0),
    (b"POST http://127.0.0.1@evil.test/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n" + END, 0),
    (b"POST https://evil.test:443/v1/messages HTTP/1.1\r\nHost: evil.test\r\n" + END, 0),
    (b"POST @evil.test/v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n" + END, 0),
    (POST + b"Host: evil.test\r\n" + END, 0),
    (b"POST /v1/messages HTTP/1.1\r\nHost: evil.test#@127.0.0.1\r\n" + END, 0),
    (b"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1, evil.test\r\n" + END, 0),
    (b"POST /v1/messages HTTP/1.1\r\nHost: 0x7f000001.evil.test\r\n" + END, 0),
    (b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\nConnection: close\r\n\r\n", 0),
    (b"CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", 0),
    # Two readings of where a request ends: it must have one, or none.
    (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + CHUNKED + SMUGGLED, 0),
    (POST + b"Content-Length: 5\r\n" + END + SMUGGLED, 0),
    (POST + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKED + SMUGGLED, 0),
    (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n" + CHUNKED + SMUGGLED, 0),
    (POST + b"Content-Length: +5\r\nConnection: close\r\n\r\nhello", 0),
    (POST + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNKED + SMUGGLED, 0),
    (b"POST /v1/messages HTTP/1.1\r\n Host: 127.0.0.1\r\n" + END, 0),
]  # fmt: skip
"""A request, byte for byte, and how many requests reach the provider."""


async def test_no_request_reaches_another_host_or_hides_a_second_one(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        with RecorderProcess(tmp_path, mode=f"reverse:{provider.url}@127.0.0.1:0") as process:
            for raw, count in RAW:
                before = len(provider.exchanges)
                reader, writer = await asyncio.open_connection(*process.url.removeprefix("http://").split(":"))
                writer.write(raw)
                status = int((await reader.readline()).split()[1])
                writer.transport.abort()
                assert (status == 200, status in (200, 400, 403)) == (bool(count), True), raw
                assert len(provider.exchanges) - before == count, raw
        assert {exchange.request.header("host") for exchange in provider.exchanges} == {provider.url[7:]}


async def ask_h2(url: str, trusting: ssl.SSLContext, fields: list[tuple[str, str]]) -> int:
    """Ask over HTTP/2, with these for `:authority` and what follows; return the status; 0: the other hung up."""
    trusting.set_alpn_protocols(["h2"])
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, port, ssl=trusting, server_hostname="recorder.test")
    assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "h2"
    h2 = H2Connection(H2Configuration(validate_outbound_headers=False))
    h2.initiate_connection()
    pseudo = [(":method", "POST"), (":scheme", "https"), (":path", "/v1/messages")]
    h2.send_headers(1, [*pseudo, *fields, ("content-type", "application/json")])
    h2.send_data(1, dumps(message("hi")), end_stream=True)
    writer.write(h2.data_to_send())
    try:
        while True:
            data = await reader.read(65536)
            if not data:
                return 0
            for event in h2.receive_data(data):
                if isinstance(event, ResponseReceived):
                    return int(dict(event.headers)[b":status"])
            writer.write(h2.data_to_send())
    except ConnectionError:
        return 0
    finally:
        writer.transport.abort()


async def test_over_http2_as_well(tmp_path: Path) -> None:
    """There the host has a field of its own beside that of HTTP/1."""
    ca, _ = make_authority(tmp_path, "recorder.test")
    config = tmp_path / "recorder.toml"
    config.write_text(f'tls_certificate = "{tmp_path / "server.pem"}"\n')
    own = (":authority", "recorder.test")
    async with Provider(always) as provider:
        words = ("--set", f"recorder_config={config}")
        with RecorderProcess(tmp_path, *words, mode=f"reverse:{provider.url}@127.0.0.1:0") as process:
            for fields, status in (
                ([own], 200),
                ([(":authority", "evil.test")], 403),
                ([(":authority", "recorder.test@evil.test")], 0),
                ([own, ("host", "evil.test")], 0),
                ([own, ("origin", "https://evil.test")], 403),
            ):
                trusting = ssl.create_default_context(cafile=str(ca))
                assert await ask_h2(process.url, trusting, fields) == status, fields
            assert [exchange.request.header("host") for exchange in provider.exchanges] == [provider.url[7:]]
