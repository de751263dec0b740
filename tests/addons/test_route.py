"""The routing addon in the recorder's own proxy: where requests go, what is on the record, what is left alone."""

import asyncio
import gzip
import http.client
import os
import ssl
import sys
import time
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Text, in_order
from recorder.demo.provider import Provider
from recorder.routing.switch import switch_path, write_switch
from recorder.store.database import open_reader
from recorder.store.queries import details, list_interactions, records, request_body
from tests.e2e.certificates import make_authority
from tests.e2e.processes import free_port, running
from tests.support.recorder_process import CACHE, ROOT, RecorderProcess
from tests.support.requests import MODEL, dumps, headers, message
from tests.support.wire_client import WireClient, post

HELLO = Answer(blocks=(Text("Hello from the other side of the proxy."),))
UNUSED = "http://127.0.0.1:9"


def always(_request: object) -> Answer:
    return HELLO


class Routed:
    """A recorder in reverse mode whose own upstream is `away`, and its configuration file."""

    def __init__(
        self,
        home: Path,
        text: str,
        *,
        away: str = UNUSED,
        env: dict[str, str] | None = None,
        words: tuple[str, ...] = (),
    ) -> None:
        self.config = home / "recorder.toml"
        self.config.write_text(text)
        given = ("--route", "--set", f"recorder_config={self.config}", *words)
        self.process = RecorderProcess(home, *given, mode=f"reverse:{away}@127.0.0.1:0", env=env)

    def __enter__(self) -> RecorderProcess:
        return self.process.__enter__()

    def __exit__(self, *_: object) -> None:
        self.process.__exit__()


def upstream(name: str, url: str, *lines: str) -> str:
    return "\n".join([f"[upstream.{name}]", f'url = "{url}"', *lines, ""])


def opened(process: RecorderProcess) -> dict:
    (record,) = [record for record in records(open_reader(process.db)) if record.kind == "opened"]
    return record.body


async def test_a_base_path_takes_the_place_of_the_clients(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        text = upstream("gateway", f"{provider.url}/anthropic/") + '[[route]]\nto = "gateway"\n'
        with Routed(tmp_path, text) as process:
            body = dumps(message("hi"))
            got = await post(process.url, "/mine/v1/messages?beta=true", body, headers("s", Host="127.0.0.1"))
            assert (got.status, got.complete) == (200, True)
            (seen,) = provider.exchanges
            assert seen.request.target == "/anthropic/v1/messages?beta=true"
            assert seen.request.header("host") == f"127.0.0.1:{provider.port}"
            assert seen.request.body == body
            row = process.one("s")
            assert (row.path, row.host) == ("/mine/v1/messages?beta=true", "127.0.0.1:9")
            assert row.sent_to == f"{provider.url}/anthropic/v1/messages?beta=true"
            assert (row.route, row.upstream, row.model_sent, row.state) == ("route 1", "gateway", None, "complete")


VERTEX = "/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5@20251001:rawPredict"
PLACES = (
    ("/bedrock", "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke", None),
    (
        "",
        "/bedrock/model/a.claude-v1:0/invoke-with-response-stream",
        "/model/a.claude-v1:0/invoke-with-response-stream",
    ),
    ("/vertex_ai/v1", f"/v1{VERTEX}", f"/vertex_ai/v1{VERTEX}"),
    ("/v1/acct/gw/anthropic", "/v1/messages/count_tokens?beta=true", None),
    ("/api", "/v1/models?limit=1000", None),
    ("/anthropic", "/api/hello", None),
)
"""The upstream's base path, what the client asks for, where it goes (None: right behind the base path)."""


async def test_every_kind_of_call_finds_its_place(tmp_path: Path) -> None:
    async with Provider(always) as provider:
        text = "".join(
            upstream(f"u{number}", provider.url + base)
            + f'[[route]]\nto = "u{number}"\nwhen = {{ header = {{ x-case = "{number}" }} }}\n'
            for number, (base, _, _) in enumerate(PLACES)
        )
        with Routed(tmp_path, text) as process:
            for number, (_, path, _) in enumerate(PLACES):
                fields = headers("s", Host="localhost", **{"x-case": str(number)})
                assert (await post(process.url, path, message("hi"), fields)).status < 500
        seen = [exchange.request.target for exchange in provider.exchanges]
        assert seen == [target or base + path for base, path, target in PLACES]


async def test_without_a_rule_that_fires_nothing_changes(tmp_path: Path) -> None:
    text = upstream("other", UNUSED) + '[[route]]\nto = "other"\nwhen = { model = "gpt-*" }\n'
    async with Provider(always) as provider:
        with Routed(tmp_path, text, away=provider.url) as process:
            plain = dumps(message("hi " * 2000))
            body = gzip.compress(plain)
            fields = headers(
                "s", Host="127.0.0.1", **{"Content-Encoding": "gzip", "X-Odd": "a  b", "Connection": "close"}
            )
            got = await post(process.url, "/v1/messages?beta=true", body, fields, chunks=2)
            (seen,) = provider.exchanges
            assert seen.request.body == body
            assert got.body == bytes(seen.body)
            assert opened(process).get("routed") is None
            assert process.one("s").sent_to is None


@pytest.mark.parametrize("text", ["", 'project = "p"\n', upstream("unused", UNUSED)])
async def test_an_empty_policy_forwards_what_is_forwarded_without_the_addon(tmp_path: Path, text: str) -> None:
    """Head and body, byte for byte, labels that nobody asked for included."""
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    body = dumps(message("hi"))
    fields = headers(
        "s", **{"x-recorder-project": "mine", "Keep-Alive": "timeout=5", "X-Api-Key": "k", "TE": "trailers"}
    )
    async with Provider(always) as provider:
        without = RecorderProcess(tmp_path / "without", mode=f"reverse:{provider.url}@127.0.0.1:0")
        with Routed(tmp_path / "with", text, away=provider.url) as routed, without as plain:
            for process in (routed, plain):
                await post(process.url, "/r/team/project/v1/messages?beta=true", body, fields | {"Host": "127.0.0.1:1"})
        first, second = (exchange.request for exchange in provider.exchanges)
        assert (first.head, first.body) == (second.head, second.body)
        assert b"x-recorder-project: mine" in first.head


async def test_a_models_name_is_all_that_changes_in_a_body(tmp_path: Path) -> None:
    text = (
        upstream("gateway", "{url}")
        + '[[route]]\nto = "gateway"\nmodel = { "claude-haiku-*" = "our \\"small\\" one" }\n'
    )
    body = (
        b'{ "max_tokens":1,\n "model" :  "' + MODEL.encode() + b'" ,"messages":[{"role":"user","content":"\\ud83d x"}]}'
    )
    async with Provider(always) as provider:
        with Routed(tmp_path, text.replace("{url}", provider.url)) as process:
            for coding, sent in (("", body), ("gzip", gzip.compress(body))):
                fields = headers(f"s{coding}", Host="127.0.0.1") | ({"Content-Encoding": coding} if coding else {})
                await post(process.url, "/v1/messages", sent, fields)
            expected = body.replace(f'"{MODEL}"'.encode(), b'"our \\"small\\" one"')
            for exchange in provider.exchanges:
                assert exchange.request.body == expected
                assert exchange.request.header("content-length") == str(len(expected))
                assert exchange.request.header("content-encoding") is None
            row = process.one("s")
            assert (row.model, row.model_sent, row.request_bytes) == (MODEL, 'our "small" one', len(body))
            assert request_body(open_reader(process.db), row.id) == body


async def test_a_models_name_in_a_path(tmp_path: Path) -> None:
    text = upstream("bedrock", "{url}", 'model = { "*haiku*" = "arn:aws:bedrock:x/y" }') + '[[route]]\nto = "bedrock"\n'
    async with Provider(always) as provider:
        with Routed(tmp_path, text.replace("{url}", provider.url)) as process:
            body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 1, "messages": []}
            await post(process.url, "/model/a.haiku-v1%3A0/invoke", body, headers("s", Host="127.0.0.1"))
            (seen,) = provider.exchanges
            assert seen.request.target == "/model/arn%3Aaws%3Abedrock%3Ax%2Fy/invoke"
            row = process.one("s")
            assert (row.model, row.model_sent) == ("a.haiku-v1:0", "arn:aws:bedrock:x/y")


async def test_what_cannot_be_translated_is_refused(tmp_path: Path) -> None:
    text = upstream("messages", UNUSED, 'protocol = "messages"') + '[[route]]\nto = "messages"\n'
    with Routed(tmp_path, text) as process:
        got = await post(process.url, "/model/x/converse", message("hi"), headers("s", Host="127.0.0.1"))
        assert (got.status, got.headers["x-should-retry"]) == (409, "false")
        assert got.headers["x-amzn-errortype"] == "ValidationException"
        assert b"speaks messages, not bedrock" in got.body
        row = process.one("s")
        assert (row.state, row.state_reason) == ("blocked", "blocked")


async def test_headers_are_set_and_taken_out_and_what_is_secret_stays_secret(tmp_path: Path) -> None:
    token, key = "gw-" + "token-5f0e8a7b6c5d4e3f", "sk-gw-" + "0123456789abcdef0123456789abcdef"
    (tmp_path / "key.txt").write_text(f"{key}\n")
    set_to = (
        f'"Bearer env:GW_TOKEN", x-portkey-api-key = "file:{tmp_path / "key.txt"}", x-api-key = false, x-team = "blue"'
    )
    text = upstream("gateway", "{url}", f"headers = {{ authorization = {set_to} }}")
    answer = Answer(blocks=(Text(f"you said {token} and {key}"),))
    async with Provider(in_order(answer)) as provider:
        text = text.replace("{url}", provider.url) + '[[route]]\nto = "gateway"\nname = "all"\n'
        routed = Routed(tmp_path, text, env={"GW_TOKEN": token})
        with routed as process:
            private = {"Connection": "x-private", "X-Private": "hop", "TE": "trailers", "Keep-Alive": "5"}
            more = {"x-api-key": "of the client", "x-recorder-user": "ann", "anthropic-beta": "a,b"}
            fields = headers("s", Host="127.0.0.1", **private, **more)
            got = await post(process.url, "/v1/messages", message("hi"), fields)
            (seen,) = provider.exchanges
            assert seen.request.header("authorization") == f"Bearer {token}"
            assert seen.request.header("x-portkey-api-key") == key
            assert seen.request.header("x-team") == "blue"
            assert seen.request.header("anthropic-beta") == "a,b"
            gone = ("x-api-key", "x-private", "keep-alive", "te", "connection", "x-recorder-user")
            assert [name for name in gone if seen.request.header(name) is not None] == []
            assert token.encode() in got.body.replace(b'"}}', b"") or got.complete
            routing = opened(process)["routed"]
            assert routing["headers"] == ["authorization", "x-portkey-api-key", "x-team"]
            assert set(gone) == set(routing["removed"])
            assert routing["rule"] == "all"
            row = process.one("s")
            assert row.user == "ann"
            assert len(details(open_reader(process.db), row.id).opened["routed"]["policy"]) == 64
        (tmp_path / "key.txt").unlink()
        assert token.encode() not in process.every_byte()
        assert key.encode() not in process.every_byte()


@pytest.mark.parametrize(
    ("path", "fields", "labels"),
    [
        ("/r/blue/shop/v1/messages", {}, ("blue", "shop", None)),
        ("/r/blue/shop/v1/messages", {"x-recorder-project": "till", "x-recorder-user": "ann"}, ("blue", "till", "ann")),
        ("/r/a%20b/c/v1/messages", {"X-Recorder-Team": "red"}, ("red", "c", None)),
        ("/v1/messages", {}, (None, "given", None)),
    ],
)  # fmt: skip
async def test_labels(tmp_path: Path, path: str, fields: dict[str, str], labels: tuple[str | None, ...]) -> None:
    async with Provider(always) as provider:
        with Routed(tmp_path, 'project = "given"\n[labels]\n', away=provider.url) as process:
            await post(process.url, path, message("hi"), headers("s", Host="127.0.0.1") | fields)
            (seen,) = provider.exchanges
            assert seen.request.target == "/v1/messages"
            assert b"recorder" not in seen.request.head.lower()
            row = process.one("s")
            assert (row.team, row.project, row.user) == labels
            assert row.path == path


async def test_a_redirect_is_the_clients_to_follow(tmp_path: Path) -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        location = f"location: {target.url}/v1/messages\r\n".encode()
        writer.write(
            b"HTTP/1.1 307 Temporary Redirect\r\n" + location + b"content-length: 2\r\nconnection: close\r\n\r\n{}"
        )
        writer.close()

    async with Provider(always) as target, await asyncio.start_server(redirect, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with Routed(tmp_path, upstream("u", url) + '[[route]]\nto = "u"\n') as process:
            got = await post(process.url, "/v1/messages", message("hi"), headers("s", Host="127.0.0.1"))
        assert (got.status, got.headers["location"]) == (307, f"{target.url}/v1/messages")
        assert target.exchanges == []


async def configured(process: RecorderProcess, count: int) -> list[dict]:
    """Wait for so many changes of the configuration on the record; give their bodies."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [record.body for record in records(open_reader(process.db)) if record.kind == "config"]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)  # the change is visible on the record alone
    raise AssertionError(f"not {count} changes: {found}; {process.errors}")


async def test_a_changed_file_is_in_force_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    async with Provider(always) as one, Provider(always) as two:
        upstreams = upstream("one", one.url) + upstream("two", two.url)
        routed = Routed(tmp_path, upstreams + '[[route]]\nto = "one"\nname = "all"\n')
        with routed as process:
            await post(process.url, "/v1/messages", message("hi"), headers("1", Host="127.0.0.1"))
            (first,) = await configured(process, 1)
            assert first["what"] == "routing in force at the start"
            routed.config.write_text(upstreams + '[[route]]\nto = "too"\nname = "all"\n')
            deadline = time.monotonic() + 30
            while f"{routed.config}:6: [[route]] number 1 to: there is no [upstream.too]" not in process.errors:
                assert time.monotonic() < deadline, process.errors
                await asyncio.sleep(0.05)
            await post(process.url, "/v1/messages", message("hi"), headers("2", Host="127.0.0.1"))
            assert len(one.exchanges) == 2
            routed.config.write_text(upstreams + '[[route]]\nto = "two"\nname = "all"\n')
            _, second = await configured(process, 2)
            assert (second["what"], second["changed"]) == ("routing changed", "all")
            assert second["policy"] != first["policy"]
            await post(process.url, "/v1/messages", message("hi"), headers("3", Host="127.0.0.1"))
            assert len(two.exchanges) == 1
            row = process.one("3")
            assert details(open_reader(process.db), row.id).opened["routed"]["policy"] == second["policy"]


async def test_a_switch_leaves_running_streams_where_they_are(tmp_path: Path) -> None:
    gate = asyncio.Event()
    streaming = Answer(blocks=HELLO.blocks, gates={3: gate})
    async with Provider(in_order(streaming)) as one, Provider(always) as two:
        text = upstream("one", one.url) + upstream("two", f"{two.url}/base") + '[[route]]\nto = "one"\n'
        with Routed(tmp_path, text) as process:
            async with WireClient(process.url, "/v1/messages") as client:
                await client.send(dumps(message("hi")), headers("running", Host="127.0.0.1"))
                await client.head()
                write_switch(switch_path(process.db), "two")
                _, switched = await configured(process, 2)
                assert (switched["use"], switched["changed"]) == ("two", "use two")
                await post(process.url, "/v1/messages", message("hi"), headers("new", Host="127.0.0.1"))
                assert two.exchanges[0].request.target == "/base/v1/messages"
                gate.set()
                assert (await client.rest()).complete
            write_switch(switch_path(process.db), None)
            assert (await configured(process, 3))[2]["changed"] == "use --default"
            assert {row.session_id: row.upstream for row in process.interactions()} == {"running": "one", "new": "two"}
            assert process.one("new").route == "recorder route use"


async def test_an_answer_that_does_not_begin_in_time(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with Provider(in_order(Answer(blocks=HELLO.blocks, gates={-1: gate}))) as provider:
        text = upstream("slow", provider.url, "answer_seconds = 0.2") + '[[route]]\nto = "slow"\n'
        with Routed(tmp_path, text) as process:
            got = await post(process.url, "/v1/messages", message("hi"), headers("s", Host="127.0.0.1"))
            assert got.status == 502
            assert (await process.closed("s")).state == "aborted"


async def test_the_wait_for_an_answer_begins_when_the_request_goes(tmp_path: Path) -> None:
    """What limits hold a request back for is not the upstream's doing, and does not use its time up."""
    begun, never = asyncio.Event(), asyncio.Event()
    answers = in_order(Answer(blocks=HELLO.blocks, gates={1: begun}), Answer(blocks=HELLO.blocks, gates={-1: never}))
    rate = '[[rate]]\nname = "one"\nstreams = 1\nwait_seconds = 50\n'
    async with Provider(answers) as provider:
        text = upstream("slow", provider.url, "answer_seconds = 0.5") + f'[[route]]\nto = "slow"\n{rate}'
        with Routed(tmp_path, text, words=("--limit",)) as process:
            async with WireClient(process.url, "/v1/messages") as first:
                await first.send(dumps(message("hi") | {"stream": True}), headers("1", Host="127.0.0.1"))
                await first.head()
                second = asyncio.create_task(
                    post(process.url, "/v1/messages", message("hi"), headers("2", Host="127.0.0.1"))
                )
                await asyncio.sleep(1)  # the time that is not to count
                begun.set()
                await first.rest()
            async with asyncio.timeout(20):
                assert (await second).status == 502


async def test_an_upstream_with_its_own_authority_and_a_client_certificate(tmp_path: Path) -> None:
    ca, context = make_authority(tmp_path, "gateway.test")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca)
    tls = (f'ca = "{ca}"', f'client_certificate = "{tmp_path / "server.pem"}"')
    async with Provider(always, tls=context) as provider:
        for number, (lines, status) in enumerate([(tls, 200), (tls[:1], 502), ((), 502)]):
            home = tmp_path / str(number)
            home.mkdir()
            with Routed(home, upstream("u", f"{provider.url}/gw", *lines) + '[[route]]\nto = "u"\n') as process:
                got = await post(process.url, "/v1/messages", message("hi"), headers("s", Host="127.0.0.1"))
                assert got.status == status, process.errors


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[upstream.a]\nurl = 'ftp://x'\n", "recorder.toml:2: [upstream.a] url: is not http"),
        ("[[route]]\nto = 'b'\n", "recorder.toml:2: [[route]] number 1 to: there is no [upstream.b]"),
        (upstream("a", "https://x.test", "ca = '/no/ca.pem'") + "[[route]]\nto = 'a'", "/no/ca.pem: No such file"),
        (upstream("a", "http://x.test", "headers = { x-api-key = 'env:NOT_SET' }") + "[[route]]\nto = 'a'", "NOT_SET"),
    ],
)
def test_a_wrong_policy_does_not_start(tmp_path: Path, text: str, said: str) -> None:
    routed = Routed(tmp_path, text)
    with pytest.raises(AssertionError, match="exit 2"), routed:
        pass
    assert said in routed.process.errors
    assert "Traceback" not in routed.process.errors


@pytest.mark.parametrize("scripts", [("audit", "route"), ("route", "audit"), ("route",)])
async def test_as_scripts_of_mitmdump_in_any_order(tmp_path: Path, scripts: tuple[str, ...]) -> None:
    async with Provider(always) as provider:
        config = tmp_path / "recorder.toml"
        config.write_text(upstream("u", f"{provider.url}/base") + '[[route]]\nto = "u"\nmodel = {"*" = "alias"}\n')
        port = free_port()
        words = [Path(sys.executable).with_name("mitmdump"), "--mode", f"reverse:{UNUSED}@127.0.0.1:{port}"]
        words += [word for name in scripts for word in ("-s", ROOT / "addons" / f"{name}.py")]
        words += ["--set", f"recorder_config={config}", "--set", f"recorder_db={tmp_path / 'records.db'}"]
        words += ["--set", f"confdir={tmp_path}", "--set", "connection_strategy=lazy"]
        env = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(CACHE)}
        log = tmp_path / "mitmdump.log"
        async with running([str(word) for word in words], env, log):
            got = await asyncio.to_thread(ask_until_it_listens, port)
        assert got == 200, log.read_text()
        (seen,) = provider.exchanges
        assert (seen.request.target, seen.request.model) == ("/base/v1/messages", "alias")
        if "audit" in scripts:
            db = open_reader(tmp_path / "records.db")
            (row,) = list_interactions(db)
            assert (row.model, row.model_sent, row.upstream, row.path) == (MODEL, "alias", "u", "/v1/messages")
            assert f'"{MODEL}"'.encode() in request_body(db, row.id)


def ask_until_it_listens(port: int) -> int:
    deadline = time.monotonic() + 60
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.request("POST", "/v1/messages", dumps(message("hi", stream=False)), headers("s"))
            return connection.getresponse().status
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)  # whether it listens is only known by trying
        finally:
            connection.close()
