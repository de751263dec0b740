"""Requests that web pages could make a browser send, and listeners that other machines could reach."""

from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Text
from recorder.demo.provider import Provider
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import headers, message
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
    assert "Traceback" not in process.errors


async def test_with_the_word_its_own_address_is_a_good_host(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        mode = f"reverse:{provider.url}@0.0.0.0:0"
        with RecorderProcess(tmp_path, "--allow-remote", mode=mode) as process:
            url = process.url.replace("0.0.0.0", "127.0.0.1")
            assert (await post(url, "/v1/messages", message("hi"), headers("s", Host="127.0.0.1:1"))).complete
            assert (await post(url, "/v1/messages", message("hi"), headers("s", Host="evil.test"))).status == 403
