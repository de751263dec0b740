"""Upstreams of different protocols that stand in for each other: what cannot be reached there is asked here."""

import json
from pathlib import Path

from recorder.demo.answers import Answer, Failure, Text
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.routing.health import read_health
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.addons.test_route import Routed, upstream
from tests.addons.test_translating import CLOUD, INVOKE, VERTEX
from tests.support.requests import headers, message
from tests.support.wire_client import post

HELLO = (Text("Hello."),)
VERTEX_PATH = f"/v1{VERTEX}"
PATHS = {"messages": "/v1/messages", "bedrock": INVOKE, "vertex": f"{VERTEX_PATH}:rawPredict"}


def hello(_request: SeenRequest) -> Answer:
    return Answer(blocks=HELLO)


def overloaded(_request: SeenRequest) -> Answer:
    return Answer(status=529, failure=Failure("overloaded_error", "Overloaded"), headers=(("retry-after", "600"),))


def body_for(protocol: str) -> dict:
    body = {key: value for key, value in message("hi").items() if key not in {"stream", "model"}}
    if protocol == "messages":
        return message("hi") | {"stream": False}
    return body | {"anthropic_version": f"{protocol}-2023-{'05-31' if protocol == 'bedrock' else '10-16'}"}


def chain(first: str, first_url: str, second: str, second_url: str, case: str = "") -> str:
    """Give two upstreams of two protocols, and a rule that prefers the first; `case`: in the header x-case."""
    when = f'when.header = {{ x-case = "{case}" }}\n' if case else ""
    return (
        upstream(f"{case}first", first_url, f'protocol = "{first}"', CLOUD.get(first, ""))
        + upstream(f"{case}second", second_url, f'protocol = "{second}"', CLOUD.get(second, ""))
        + f'[[route]]\nto = ["{case}first", "{case}second"]\n{when}'
    )


async def test_a_connection_that_cannot_be_made_moves_on_to_another_protocol(tmp_path: Path) -> None:
    """Whatever the client speaks, and whatever stands by: the client notices nothing."""
    pairs = [(client, other) for client in PATHS for other in PATHS if other != client]
    async with Provider(hello) as provider:
        text = "".join(chain(one, "http://127.0.0.1:9", other, provider.url, f"{one}-{other}-") for one, other in pairs)
        with Routed(tmp_path, text) as process:
            for client, other in pairs:
                case = f"{client}-{other}-"
                fields = headers(case, Host="127.0.0.1", **{"x-case": case})
                got = await post(process.url, PATHS[client], body_for(client), fields)
                assert (got.status, json.loads(got.body)["content"][0]["text"]) == (200, "Hello."), got.body
                row = process.one(case)
                assert (row.upstream, row.state) == (f"{case}second", "complete")
        opened = [one.body for one in records(open_reader(process.db)) if one.kind == "opened"]
    assert [one["routed"]["protocol"] for one in opened] == [other for _, other in pairs]


async def test_an_open_breaker_moves_on_to_another_protocol(tmp_path: Path) -> None:
    async with Provider(overloaded) as full, Provider(hello) as spare:
        with Routed(tmp_path, chain("messages", full.url, "bedrock", spare.url)) as process:
            first = await post(process.url, "/v1/messages", message("hi"), headers("one", Host="127.0.0.1"))
            assert (first.status, first.headers["x-should-retry"]) == (529, "true")
            again = await post(process.url, "/v1/messages", message("hi"), headers("two", Host="127.0.0.1"))
            assert again.status == 200
            assert spare.exchanges[-1].request.target.startswith(INVOKE)
            assert len(full.exchanges) == 1


async def test_what_cannot_be_put_into_a_protocol_is_not_sent_there(tmp_path: Path) -> None:
    """Batches have no counterpart at Bedrock: an upstream that has them is asked, whatever the order says."""
    async with Provider(hello) as cloud, Provider(hello) as spare:
        text = (
            upstream("cloud", cloud.url, 'protocol = "bedrock"')
            + upstream("gone", "http://127.0.0.1:9", 'protocol = "messages"')
            + upstream("spare", spare.url)
            + '[[route]]\nto = ["cloud", "gone", "spare"]\n'
        )
        with Routed(tmp_path, text) as process:
            await post(process.url, "/v1/messages/batches", message("hi"), headers("s", Host="127.0.0.1"))
            assert [exchange.request.target for exchange in spare.exchanges] == ["/v1/messages/batches"]
            got = await post(process.url, "/v1/messages", message("hi"), headers("s", Host="127.0.0.1"))
            assert (got.status, len(cloud.exchanges)) == (200, 1)


def flaky(folder: Path) -> str:
    """The credential of a helper that fails while a file is there, and notes that it ran."""
    key = "sk-made-up-" + "9" * 20
    return f"auth = {{ from = '''helper:echo >> {folder}/runs; test ! -e {folder}/broken && echo {key}''' }}"


async def test_without_a_credential_the_next_upstream_is_asked(tmp_path: Path) -> None:
    """In whatever protocol; nothing that was put into the request for the first one goes to the second."""
    (tmp_path / "broken").touch()
    lines = ('protocol = "bedrock"', CLOUD["bedrock"], flaky(tmp_path), "headers = { x-of-first = 'yes' }")
    async with Provider(hello) as signed, Provider(hello) as spare:
        text = (
            upstream("signed", signed.url, *lines)
            + upstream("spare", f"{spare.url}/gw")
            + '[[route]]\nto = ["signed", "spare"]\n'
        )
        with Routed(tmp_path, text) as process:
            own = {"x-api-key": "of-the-client", "anthropic-beta": "some-2026-01-01"}
            sent = headers("one", Host="127.0.0.1", **own)
            got = await post(process.url, "/v1/messages?beta=true", message("hi"), sent)
            assert (got.status, len(signed.exchanges)) == (200, 0)
            seen = spare.exchanges[-1].request
            assert seen.target == "/gw/v1/messages?beta=true"
            assert json.loads(seen.body) == message("hi")
            fields = {name.lower(): value for name, value in seen.headers}
            assert own.items() <= fields.items()
            assert "x-of-first" not in fields
            row = process.one("one")
            assert (row.upstream, row.state, row.protocol_sent) == ("spare", "complete", None)
            # It is set aside: whoever comes next need not wait for a helper that fails.
            await post(process.url, "/v1/messages", message("hi"), headers("two", Host="127.0.0.1"))
            assert (tmp_path / "runs").read_text().count("\n") == 1
            assert [(one.upstream, one.reason) for one in read_health(process.db)] == [
                ("signed", "there is no credential for it")
            ]
        bodies = [one.body for one in records(open_reader(process.db)) if one.kind == "opened"]
    (passed,) = bodies[0]["routed"]["passed"]
    assert passed["upstream"] == "signed"
    assert "[upstream.signed] auth: the helper ended with exit code 1" in passed["why"]
    assert bodies[0]["routed"].get("headers", []) == []
    assert "passed" not in bodies[1].get("routed", {})


async def test_with_no_credential_anywhere_the_client_is_told_of_each(tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    async with Provider(hello) as provider:
        text = (
            upstream("one", provider.url, flaky(tmp_path))
            + upstream("two", provider.url, "auth = { from = 'helper:sleep 60', timeout_seconds = 0.1 }")
            + upstream("three", provider.url, f'auth = "file:{tmp_path / "key"}"')
            + '[[route]]\nto = ["one", "two", "three"]\n'
        )
        (tmp_path / "key").write_text("sk-made-up-" + "9" * 20)
        with Routed(tmp_path, text) as process:
            (tmp_path / "key").unlink()  # at the start it was there, or nothing had started
            refused = await post(process.url, "/v1/messages", message("hi"), headers("s", Host="127.0.0.1"))
            assert (refused.status, len(provider.exchanges)) == (409, 0)
            assert b"one: [upstream.one] auth: the helper ended with exit code 1" in refused.body
            assert b"; two: [upstream.two] auth took more than 0.1 s" in refused.body
            assert b"; three: [upstream.three] auth: " in refused.body
            assert b"No such file or directory" in refused.body
            assert process.one("s").state == "blocked"
            # With none that is well, all are tried still, and one that can sign in again is used.
            (tmp_path / "broken").unlink()
            got = await post(process.url, "/v1/messages", message("hi"), headers("t", Host="127.0.0.1"))
            assert (got.status, process.one("t").upstream) == (200, "one")


async def test_a_body_that_a_protocol_cannot_take_goes_to_the_next_upstream(tmp_path: Path) -> None:
    """A conversation that only its provider has cannot be put into another protocol."""
    async with Provider(hello) as cloud, Provider(hello) as spare:
        text = (
            upstream("cloud", cloud.url, 'protocol = "vertex"', CLOUD["vertex"])
            + upstream("spare", spare.url)
            + '[[route]]\nto = ["cloud", "spare"]\n'
        )
        body = message("hi") | {"thread": {"type": "continue", "previous_message_id": "msg_1"}}
        with Routed(tmp_path, text) as process:
            got = await post(process.url, "/v1/messages", body, headers("s", Host="127.0.0.1"))
            assert (got.status, len(cloud.exchanges)) == (200, 0)
            assert json.loads(spare.exchanges[-1].request.body) == body
            ordinary = await post(process.url, "/v1/messages", message("hi"), headers("t", Host="127.0.0.1"))
            assert (ordinary.status, process.one("t").upstream) == (200, "cloud")
            assert read_health(process.db) == [], "a request that it cannot take says nothing against an upstream"
        opened = [one.body["routed"] for one in records(open_reader(process.db)) if one.kind == "opened"]
    assert [[one["upstream"] for one in routed.get("passed", ())] for routed in opened] == [["cloud"], []]
