"""The recorder's own keys in its own proxy: who is let in, whose the record says it is, and where a key does not go."""

import base64
import ssl
from collections.abc import Awaitable
from pathlib import Path

import pytest

from recorder.access.keys import create_key, read_keys, revoke_key, set_budget
from recorder.demo.answers import Answer, Text
from recorder.demo.provider import Provider
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.addons.test_route import upstream
from tests.e2e.certificates import make_authority
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import Received, WireClient, post

ROUTES = "[labels]\n"


def echo(key: str) -> Answer:
    return Answer(blocks=(Text(f"your key is {key}"),))


def folder_of(home: Path) -> Path:
    """Where the recorder in this home looks for keys."""
    return home / "config" / "llm-audit-recorder"


async def test_keys_on_a_listener_that_needs_none(tmp_path: Path) -> None:
    key, text = create_key(folder_of(tmp_path), user="ann", project="shop", team="blue")
    _, other = create_key(folder_of(tmp_path), user="bob", project="till")
    config = tmp_path / "recorder.toml"
    config.write_text('user = "nobody"\n[labels]\n')
    async with Provider(lambda _: echo(text)) as provider:
        words = ("--keys", "--route", "--set", f"recorder_config={config}")
        with RecorderProcess(tmp_path, *words, mode=f"reverse:{provider.url}@127.0.0.1:0") as process:
            for number, fields in enumerate(
                (
                    {"Authorization": f"Bearer {text}"},
                    {"X-Api-Key": text},
                    {"X-Recorder-Key": text, "X-Api-Key": "sk-of-the-gateway-123"},
                    {"Proxy-Authorization": "Basic " + base64.b64encode(f"ann:{text}".encode()).decode()},
                )
            ):
                said = {"x-recorder-user": "eve", "x-recorder-project": "else"}
                sent = headers(f"s{number}", Host="127.0.0.1") | fields | said
                assert (await post(process.url, "/v1/messages", message("hi"), sent)).status == 200
                seen = provider.exchanges[-1].request
                assert text.encode() not in seen.head
                assert b"proxy-authorization" not in seen.head.lower()
                row = process.one(f"s{number}")
                assert (row.user, row.team, row.project) == ("ann", "blue", "shop")
            assert provider.exchanges[2].request.header("x-api-key") == "sk-of-the-gateway-123"
            # Without one a client of this machine is as it always was; with a wrong one it is refused.
            assert (
                await post(process.url, "/v1/messages", message("hi"), headers("n", Host="127.0.0.1"))
            ).status == 200
            assert process.one("n").user == "nobody"
            revoke_key(folder_of(tmp_path), key.id)
            for bad in (text, other[:-1] + ("A" if other[-1] != "A" else "B")):
                got = await post(process.url, "/model/x/invoke", message("hi"), {"Host": "localhost", "x-api-key": bad})
                assert (got.status, got.headers["x-amzn-errortype"]) == (401, "AccessDeniedException")
            assert len(provider.exchanges) == 5
        assert text.encode() not in process.every_byte()
        reasons = [record.body["reason"] for record in records(open_reader(process.db)) if record.kind == "refused"]
        assert reasons == ["key"]


LISTENERS = [
    # Where, what is said to the recorder, whether keys were made, and what becomes of a client without one.
    ("127.0.0.1", "require_key = true", (), True, 401),
    ("0.0.0.0", "", ("--allow-remote",), True, 401),
    ("0.0.0.0", "", ("--allow-remote",), False, 200),
]


@pytest.mark.parametrize(("host", "text", "words", "has_keys", "bare"), LISTENERS)
async def test_who_is_let_in(
    tmp_path: Path, host: str, text: str, words: tuple[str, ...], *, has_keys: bool, bare: int
) -> None:
    """As the table in docs/access.md says; its other listeners have tests of their own."""
    config = tmp_path / "recorder.toml"
    config.write_text(f"{text}\n")
    good = create_key(folder_of(tmp_path), user="ann", project="shop")[1] if has_keys else None
    over = create_key(folder_of(tmp_path), user="a", project="p", expires_utc="2020-01-01T00:00:00.000Z")[1]
    if not has_keys:
        (folder_of(tmp_path) / "access.json").unlink()
    async with Provider(lambda _: echo("")) as provider:
        options = ("--keys", "--set", f"recorder_config={config}", *words)
        with RecorderProcess(tmp_path, *options, mode=f"reverse:{provider.url}@{host}:0") as process:

            async def ask(key: str | None) -> int:
                fields = headers("s", Host="127.0.0.1") | ({"x-api-key": key} if key else {})
                return (
                    await post(process.url.replace(host, "127.0.0.1"), "/v1/messages", message("hi"), fields)
                ).status

            assert await ask(None) == bare
            assert await ask("rcdr-" + "A" * 43) == 401
            assert await ask(over) == 401
            if good:
                assert await ask(good) == 200
            if host != "127.0.0.1":  # from the first key on, all need one
                _, later = create_key(folder_of(tmp_path), user="bob", project="shop")
                assert (await ask(None), await ask(later)) == (401, 200)


async def test_a_listener_for_other_machines_needs_keys_and_tls(tmp_path: Path) -> None:
    ca, _ = make_authority(tmp_path, "recorder.test")
    config = tmp_path / "recorder.toml"
    config.write_text(f'tls_certificate = "{tmp_path / "server.pem"}"\n{upstream("u", "http://127.0.0.1:9")}')
    trusting = ssl.create_default_context(cafile=str(ca))
    async with Provider(lambda _: echo("")) as provider:
        words = ("--keys", "--set", f"recorder_config={config}")
        mode = f"reverse:{provider.url}@0.0.0.0:0"
        with pytest.raises(AssertionError, match="exit 2"), RecorderProcess(tmp_path, *words, mode=mode):
            pass  # no key was made yet
        _, text = create_key(folder_of(tmp_path), user="ann", project="shop")
        with RecorderProcess(tmp_path, *words, mode=mode) as process:
            url = process.url.replace("0.0.0.0", "127.0.0.1")
            bare = await post(url, "/v1/messages", message("hi"), {"Host": "127.0.0.1", "x-api-key": text})
            assert (bare.status, b"it is not encrypted" in bare.body) == (403, True)
            for fields, status in (({"x-api-key": text}, 200), ({}, 401), ({"x-api-key": text, "Host": "a.test"}, 403)):
                async with WireClient(url, "/v1/messages") as client:
                    await client.writer.start_tls(trusting, server_hostname="recorder.test")
                    await client.send(dumps(message("hi")), headers("s", Host="recorder.test") | fields)
                    assert (await client.head()).status == status, fields
                    await client.rest()
            assert process.one("s").user == "ann"
        assert len(provider.exchanges) == 1


async def test_the_budget_of_a_key(tmp_path: Path) -> None:
    """Held beside no limits of the file, from the first request on; another key's holder goes on."""
    _, anns = create_key(folder_of(tmp_path), user="ann", project="shop")
    async with Provider(lambda _: echo("")) as provider:
        with RecorderProcess(tmp_path, "--keys", mode=f"reverse:{provider.url}@127.0.0.1:0") as process:

            def ask(session: str, key: str) -> Awaitable[Received]:
                fields = headers(session, Host="127.0.0.1") | {"x-api-key": key}
                return post(process.url, "/v1/messages", message("hi"), fields)

            assert (await ask("ann", anns)).status == 200
            made, bobs = create_key(folder_of(tmp_path), user="bob", project="shop", budget="2 requests/month")
            assert [(await ask(f"bob{number}", bobs)).status for number in range(2)] == [200, 200]
            refused = await ask("bob2", bobs)
            assert (refused.status, refused.headers["x-should-retry"]) == (402, "false")
            assert f"Budget 'key {made.id} of bob' is used up: 2 requests of 2 requests".encode() in refused.body
            assert (await ask("ann2", anns)).status == 200
            set_budget(folder_of(tmp_path), made.id, "3 requests/month")
            assert (await ask("bob3", bobs)).status == 200
            assert (await ask("bob4", bobs)).status == 402
            row = process.one("bob2")
            assert (row.access_key, row.user, row.state) == (made.id, "bob", "blocked")
            assert process.one("ann").access_key == read_keys(folder_of(tmp_path))[0].id
            assert len(provider.exchanges) == 5
            kinds = {one.kind for one in records(open_reader(process.db)) if one.body.get("access_key") == made.id}
            assert kinds == {"opened"}
        assert bobs.encode() not in process.every_byte()


async def ask_through_tunnel(
    process: RecorderProcess,
    outer: ssl.SSLContext,
    inner: ssl.SSLContext,
    url: str,
    asking: str,
    fields: dict[str, str],
) -> tuple[int, Received | None]:
    """Ask for a tunnel, with headers of its own, and for an answer within: the status of both."""
    async with WireClient(process.url.replace("0.0.0.0", "127.0.0.1"), "/v1/messages") as client:
        await client.writer.start_tls(outer, server_hostname="recorder.test")
        host = url.removeprefix("https://")
        client.writer.write(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{asking}\r\n".encode())
        if (status := (await client.head()).status) != 200:
            return status, None
        await client.writer.start_tls(inner, server_hostname="localhost")
        await client.send(dumps(message("hi")), headers("s", Host=host) | fields)
        await client.head()
        return status, await client.rest()


async def test_a_forward_proxy_for_other_machines_asks_for_keys_at_the_tunnel(tmp_path: Path) -> None:
    """TLS to the recorder with its own certificate, in it TLS to the provider with one that it makes up."""
    (tmp_path / "theirs").mkdir()
    ca, _ = make_authority(tmp_path, "recorder.test")
    their_ca, tls = make_authority(tmp_path / "theirs", "localhost")
    config = tmp_path / "recorder.toml"
    config.write_text(f'tls_certificate = "{tmp_path / "server.pem"}"\n')
    _, text = create_key(folder_of(tmp_path), user="ann", project="shop")
    revoked, gone = create_key(folder_of(tmp_path), user="bob", project="shop")
    async with Provider(lambda _: echo(text), tls=tls, name="localhost") as provider:
        words = ("--keys", "--set", f"recorder_config={config}", "--set", f"ssl_verify_upstream_trusted_ca={their_ca}")
        with RecorderProcess(tmp_path, *words, mode="regular@0.0.0.0:0") as process:
            outer = ssl.create_default_context(cafile=str(ca))
            inner = ssl.create_default_context(cafile=str(tmp_path / "mitmproxy" / "mitmproxy-ca-cert.pem"))

            async def ask(asking: str, fields: dict[str, str]) -> tuple[int, int]:
                status, received = await ask_through_tunnel(process, outer, inner, provider.url, asking, fields)
                return status, received.status if received else 0

            def proxy(key: str) -> str:
                return f"Proxy-Authorization: Basic {base64.b64encode(f'ann:{key}'.encode()).decode()}\r\n"

            own = {"x-api-key": "sk-of-the-provider-123"}
            assert await ask(proxy(text), own) == (200, 200)
            seen = provider.exchanges[-1].request
            assert (seen.header("x-api-key"), seen.header("proxy-authorization")) == (own["x-api-key"], None)
            assert text.encode() not in seen.head
            assert (process.one("s").user, process.one("s").access_key) == ("ann", read_keys(folder_of(tmp_path))[0].id)
            # Without one, with a wrong or a revoked one there is no tunnel, whatever would be said within.
            assert await ask("", {"x-recorder-key": text}) == (401, 0)
            assert await ask(proxy(text[:-1] + ("A" if text[-1] != "A" else "B")), own) == (401, 0)
            revoke_key(folder_of(tmp_path), revoked.id)
            assert await ask(proxy(gone), own) == (401, 0)
            # What comes unencrypted is refused although it has a key.
            url = process.url.replace("0.0.0.0", "127.0.0.1")
            async with WireClient(url, "/") as client:
                client.writer.write(f"CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: a\r\n{proxy(text)}\r\n".encode())
                assert (await client.head()).status == 403
            assert len(provider.exchanges) == 1
        assert text.encode() not in process.every_byte()
