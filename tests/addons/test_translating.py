"""Calls between a client and a provider that speak different protocols, through the recorder's own proxy."""

import asyncio
import contextlib
import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Failure, Script, Text
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.ledger.verdict import Verdict
from recorder.store.database import open_reader
from recorder.store.queries import answer_body, details, records, request_body
from recorder.store.verification import verify
from tests.addons.test_route import Routed, upstream
from tests.support.requests import MODEL, dumps, headers, message
from tests.support.wire_client import WireClient, post
from tests.translate.streams import read_frames, read_sse

BEDROCK_ID = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
INVOKE = "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke"
VERTEX = "/projects/p/locations/us-east5/publishers/anthropic/models/claude-haiku-4-5@20251001"
COUNT = "/projects/p/locations/us-east5/publishers/anthropic/models/count-tokens:rawPredict"
HELLO = (Text("Hello from the other side of the proxy."),)
MARK = {"cache_control": {"type": "ephemeral", "scope": "global"}}
SENT = "SELECT sent_envelope, messages_chain, sent_messages_chain FROM interactions ORDER BY seq"
CLOUD = {"bedrock": "", "vertex": 'project = "p"\nregion = "us-east5"'}


def rules(url: str, *protocols: str, ping_seconds: float = 60) -> str:
    """Give a rule and an upstream for each protocol; the header `x-to` chooses."""
    return "".join(
        upstream(name, f"{url}/at", f'protocol = "{name}"', CLOUD.get(name, ""), f"ping_seconds = {ping_seconds}")
        + f'[[route]]\nto = "{name}"\nwhen = {{ header = {{ x-to = "{name}" }} }}\n'
        for name in protocols
    )


def to(name: str, session: str = "s", **more: str) -> dict[str, str]:
    return headers(session, Host="127.0.0.1", **{"x-to": name, **more})


def by_text(request: SeenRequest) -> Answer:
    """Answer as the last message's text says: `busy`, `breaks`, else with a greeting."""
    text = json.dumps(request.data.get("messages"))
    if "busy" in text:
        return Answer(status=503, failure=Failure("overloaded_error", "Busy."))
    if "breaks" in text:
        return Answer(blocks=HELLO, failure=Failure("rate_limit_error", "Too fast."), failure_at=2)
    return Answer(blocks=HELLO, coding="gzip" if "gzipped" in text else None)


def gated(gate: asyncio.Event) -> Script:
    return lambda request: Answer(blocks=HELLO, gates={3: gate}) if request.streamed else by_text(request)


def kinds(events: list[dict]) -> list[str]:
    return [event["type"] for event in events if event["type"] != "ping"]


async def test_each_event_goes_on_as_it_comes_and_pings_fill_the_silence(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with Provider(gated(gate)) as provider:
        text = rules(provider.url, "bedrock", ping_seconds=0.1)
        with Routed(tmp_path, text) as process:
            body = message("hi") | {"stream": True, "speed": "fast", "tags": ["t"]}
            async with WireClient(process.url, "/v1/messages?beta=true") as client:
                await client.send(dumps(body), to("bedrock", **{"anthropic-beta": "of-tomorrow"}))
                await client.head()
                while client.received.body.count(b"event: ping") < 2:  # the third event waits for its gate
                    assert await client.piece()
                seen = read_sse(client.received.body)
                assert kinds(seen) == ["message_start", "content_block_start", "content_block_delta"]
                gate.set()
                got = await client.rest()
            assert (got.status, got.complete) == (200, True)
            assert got.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert got.headers["request-id"].startswith("0000")
            assert kinds(read_sse(got.body))[-1] == "message_stop"
            assert b"amazon-bedrock" not in got.body
            (exchange,) = provider.exchanges
            assert exchange.request.target == f"/at{INVOKE}-with-response-stream"
            row = process.one("s")
            assert (row.state, row.model, row.model_sent) == ("complete", MODEL, BEDROCK_ID)
            (record,) = [record for record in records(open_reader(process.db)) if record.kind == "opened"]
            routed = record.body["routed"]
            assert routed["protocol"] == "bedrock"
            assert [one["what"] for one in routed["dropped"]] == ["speed", "tags", "beta of-tomorrow"]
            with open_reader(process.db) as db:
                assert request_body(db, row.id) == dumps(body)
                assert request_body(db, row.id, upstream=True) == exchange.request.body
                assert json.loads(answer_body(db, row.id, upstream=True))["amazon-bedrock-invocationMetrics"]
                assert b"amazon-bedrock" not in answer_body(db, row.id)
                found = details(db, row.id)
                assert ("accept-encoding", "identity") in found.sent_headers
                assert ("content-type", "application/vnd.amazon.eventstream") in found.provided_headers
                assert row.request_id == dict(found.provided_headers)["x-amzn-requestid"]
                assert row.cost_usd == "0.000121"  # Bedrock's regional price, a tenth more than Anthropic's


def derived(path: Path) -> list[str]:
    """Verify the derived tables; give what was found."""
    with open_reader(path) as db:
        return [one.text for one in verify(db, []).findings if one.verdict is Verdict.MODIFIED]


async def test_what_the_provider_was_sent_costs_what_differs(tmp_path: Path) -> None:
    """Of a conversation of some turns the provider's side adds no message, and no envelope after the first."""
    async with Provider(by_text) as provider:
        with Routed(tmp_path, rules(provider.url, "bedrock")) as process:
            talk: list[dict] = []
            for turn in range(4):
                talk.append({"role": "user", "content": [{"type": "text", "text": f"{turn} " + "word " * 200}]})
                marked = [*talk[:-1], {"role": "user", "content": [talk[-1]["content"][0] | MARK]}]
                await post(process.url, "/v1/messages", message("x", messages=marked, speed="fast"), to("bedrock"))
                talk.append({"role": "assistant", "content": f"yes {turn}"})
            with open_reader(process.db) as db:
                rows = db.execute(SENT).fetchall()
                assert [sent for *_, sent in rows] == [messages for _, messages, _ in rows]
                assert len({envelope for envelope, *_ in rows}) == 1
                assert db.execute("SELECT count(*) FROM parts WHERE kind = 'message'").fetchone() == (7,)
                bodies = [request_body(db, row.id, upstream=True) for row in process.interactions()]
            assert sorted(bodies) == sorted(exchange.request.body for exchange in provider.exchanges)
            # What is stored is what the records commit to.
            assert derived(process.db) == []
            with contextlib.closing(sqlite3.connect(process.db)) as changed, changed:
                changed.execute("UPDATE interactions SET sent_envelope = envelope, sent_tools_chain = messages_chain")
            assert "sent_envelope, sent_tools_chain differ from the records" in derived(process.db)[0]


async def test_a_messages_client_at_the_clouds(tmp_path: Path) -> None:
    async with Provider(by_text) as provider:
        with Routed(tmp_path, rules(provider.url, "bedrock", "vertex")) as process:
            for name, path in (("bedrock", INVOKE), ("vertex", f"{VERTEX}:rawPredict")):
                plain = {key: value for key, value in message("hi").items() if key != "stream"}
                got = await post(
                    process.url, "/v1/messages", gzip.compress(dumps(plain)), to(name, **{"Content-Encoding": "gzip"})
                )
                assert (got.status, got.headers["content-type"]) == (200, "application/json")
                assert json.loads(got.body)["content"][0]["text"] == HELLO[0].text
                exchange = provider.exchanges[-1]
                assert exchange.request.target == f"/at{path}"
                assert bytes(exchange.body) == got.body
                got = await post(process.url, "/v1/messages", message("busy"), to(name))
                assert got.status == (529 if name == "bedrock" else 503)
                assert json.loads(got.body)["error"] == {"type": "overloaded_error", "message": "Busy."}
                got = await post(process.url, "/v1/messages", message("breaks"), to(name))
                assert read_sse(got.body)[-1]["error"] == {"type": "rate_limit_error", "message": "Too fast."}
                got = await post(process.url, "/v1/messages", message("gzipped"), to(name))
                assert kinds(read_sse(got.body))[-1] == "message_stop"
                got = await post(process.url, "/v1/messages/count_tokens", message("hi"), to(name))
                assert list(json.loads(got.body)) == ["input_tokens"]
            targets = [exchange.request.target for exchange in provider.exchanges]
            assert targets[4] == "/at/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens"
            assert targets[9] == f"/at{COUNT}"
            states = [row.state for row in process.interactions() if row.flow_class == "model"]
            assert sorted(states) == ["complete"] * 4 + ["failed"] * 4


async def test_clients_of_the_clouds_at_a_messages_provider(tmp_path: Path) -> None:
    async with Provider(by_text) as provider:
        with Routed(tmp_path, rules(provider.url, "messages", "vertex")) as process:
            body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "anthropic_beta": ["b-1"]}
            body |= {"messages": [{"role": "user", "content": "hi"}]}
            signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=x", "X-Amz-Date": "1"}
            got = await post(process.url, f"/bedrock{INVOKE}-with-response-stream", body, to("messages", **signed))
            assert got.headers["content-type"] == "application/vnd.amazon.eventstream"
            events = read_frames(got.body)
            assert events[-1]["amazon-bedrock-invocationMetrics"] == {
                "inputTokenCount": 10,
                "outputTokenCount": 20,
                "cacheReadInputTokenCount": 0,
                "cacheWriteInputTokenCount": 0,
            }
            request = provider.exchanges[-1].request
            assert request.target == "/at/v1/messages?beta=true"
            assert request.data == {"max_tokens": 9, "messages": body["messages"], "model": MODEL, "stream": True}
            assert (request.header("anthropic-version"), request.header("anthropic-beta")) == ("2023-06-01", "b-1")
            assert request.header("authorization") is request.header("x-amz-date") is None
            got = await post(process.url, INVOKE, body, to("messages"))
            assert got.headers["x-amzn-bedrock-input-token-count"] == "10"
            busy = body | {"messages": [{"role": "user", "content": "busy"}]}
            got = await post(process.url, INVOKE, busy, to("messages"))
            assert (got.status, got.headers["x-amzn-errortype"]) == (503, "ServiceUnavailableException")
            assert json.loads(got.body) == {"message": "Busy."}
            breaks = body | {"messages": [{"role": "user", "content": "breaks"}]}
            got = await post(process.url, f"{INVOKE}-with-response-stream", breaks, to("messages"))
            assert read_frames(got.body)[-1] == {"exception": "throttlingException", "message": "Too fast."}
            got = await post(process.url, f"{INVOKE}-with-response-stream", body, to("vertex"))
            assert provider.exchanges[-1].request.target == f"/at{VERTEX}:streamRawPredict"
            assert "amazon-bedrock-invocationMetrics" in read_frames(got.body)[-1]
            vertex = {"anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": [], "stream": True}
            got = await post(process.url, f"/v1{VERTEX}:streamRawPredict", vertex, to("messages"))
            assert kinds(read_sse(got.body))[-1] == "message_stop"
            assert provider.exchanges[-1].request.data == {
                "max_tokens": 9,
                "messages": [],
                "stream": True,
                "model": MODEL,
            }


@pytest.mark.parametrize("protocol", ["messages", "bedrock"])
async def test_without_need_nothing_is_translated(tmp_path: Path, protocol: str) -> None:
    """An upstream that speaks what the client speaks gets what the client says, byte for byte."""
    async with Provider(by_text) as provider:
        with Routed(tmp_path, rules(provider.url, protocol)) as process:
            body = b'{ "max_tokens":1 , "model":"x", "anthropic_version":"v", "speed":"fast","messages":[]}'
            path = "/v1/messages?beta=true" if protocol == "messages" else f"{INVOKE}?x=1"
            fields = {
                "anthropic-beta": "of-tomorrow",
                "anthropic-version": "1",
                "x-api-key": "k",
                "accept-encoding": "gzip",
            }
            got = await post(process.url, path, body, to(protocol, **fields))
            (exchange,) = provider.exchanges
            assert (exchange.request.body, exchange.request.target) == (body, f"/at{path}")
            assert {name: exchange.request.header(name) for name in fields} == fields
            assert got.body == bytes(exchange.body)
            row = process.one("s")
            assert "protocol" not in details(open_reader(process.db), row.id).opened["routed"]
