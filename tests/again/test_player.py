"""A tape served over HTTP: the same answers, in order per agent, in the protocol and framing in which they came."""

import asyncio
import contextlib
import json

import pytest

from recorder.again.player import Player
from recorder.again.tape import load_tape
from recorder.model import Protocol, SafeText, State, Usage
from recorder.store.database import open_reader
from recorder.wire.eventstream import EventStreamDecoder
from scripts.sample import HAIKU, OPUS, Sample, part, said

SESSION = "5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00"
PATHS = {Protocol.MESSAGES: "/v1/messages?beta=true", Protocol.BEDROCK_INVOKE: "/model/m/invoke-with-response-stream"}
ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}


def timing(at_us=10):
    deltas = [[at_us, "message_start", None, 0], [at_us, "content_block_start", 0, 0], [at_us, "text_delta", 0, 3]]
    deltas += [[at_us, "text_delta", 0, 999], [at_us, "content_block_stop", 0, 0], [at_us, "message_delta", None, 0]]
    return part("timing", [*deltas, [at_us, "message_stop", None, 0]])


@pytest.fixture
def sample(tmp_path):
    sample = Sample(tmp_path / "records.db")

    def call(text, answer, *, model=OPUS, agent=None, closing=None, **given):
        id_ = sample.open([said("user", text)], model=model, agent=agent, **given)
        content = [{"type": "text", "text": answer}]
        sample.close_call(id_, content, Usage(output_tokens=1), ms=5, **({"timing": timing()} | (closing or {})))

    sample.call = call
    return sample


@contextlib.asynccontextmanager
async def served(sample, tmp_path, told=lambda *_: None, *, in_time=False):
    sample.close()
    with open_reader(tmp_path / "records.db") as db:
        tape = load_tape(db, SESSION[:8])
    player = Player(tape, ("127.0.0.1", 0), told, in_time=in_time)
    until = asyncio.Event()
    task = asyncio.create_task(player.serve(until))
    yield player, tape
    until.set()
    await task


async def exchange(player, body, *, path="/v1/messages?beta=true", method="POST", **headers):
    host, port = player.address.split(":")
    reader, writer = await asyncio.open_connection(host, port)
    data = json.dumps(body).encode()
    fields = {"Host": player.address, "Content-Length": str(len(data)), "Connection": "close"} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + data)
    raw = await reader.read()
    writer.close()
    head, _, rest = raw.partition(b"\r\n\r\n")
    return head.decode(), rest


def unchunked(data):
    body = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        body, data = body + data[: int(size, 16)], data[int(size, 16) + 2 :]
    return body


def asked(model=OPUS, text="Hello"):
    return {"model": model, "tools": [{"name": "Bash"}], "messages": [said("user", text)], "stream": True}


async def text_of(player, body, **headers):
    _, data = await exchange(player, body, **headers)
    events = [json.loads(line[6:]) for line in unchunked(data).decode().splitlines() if line.startswith("data: ")]
    return "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta")


async def test_in_order_per_agent_and_kind(sample, tmp_path):
    sample.call("1", "first")
    sample.call("t", "a title", model=HAIKU)
    sample.call("a", "agent one", agent="a1")
    sample.call("b", "agent two", agent="b2")
    sample.call("2", "second")
    sample.call("a", "agent one again", agent="a1")
    told = []
    async with served(sample, tmp_path, lambda *what: told.append(what)) as (player, tape):
        agent, other = {"x_claude_code_agent_id": "new1"}, {"x_claude_code_agent_id": "new2"}
        assert await text_of(player, asked(HAIKU)) == "a title"
        assert await text_of(player, asked()) == "first"
        assert await text_of(player, asked(), **agent) == "agent one"
        assert await text_of(player, asked(), **other) == "agent two"
        assert await text_of(player, asked(), **agent) == "agent one again"
        assert tape.left == 1
        assert await text_of(player, asked()) == "second"
        head, body = await exchange(player, asked())
        assert head.startswith("HTTP/1.1 404")
        assert json.loads(body)["error"]["message"] == "Replay: nothing more of this agent is on the record"
        head, _ = await exchange(player, asked(), x_claude_code_agent_id="new3")
        assert head.startswith("HTTP/1.1 404")
    assert [take.row.agent_id if take else "missing" for take, _, _ in told] == [
        *(None, None, "a1", "b2", "a1", None, "missing", "missing")
    ]


async def test_frames_for_bedrock(sample, tmp_path):
    path = PATHS[Protocol.BEDROCK_INVOKE]
    sample.call("1", "first", protocol=Protocol.BEDROCK_INVOKE, path=SafeText(path))
    async with served(sample, tmp_path) as (player, _):
        head, data = await exchange(player, asked(), path=path)
        assert "application/vnd.amazon.eventstream" in head
        frames = EventStreamDecoder().feed(unchunked(data))
        assert [frame.headers[":event-type"] for frame in frames] == ["chunk"] * 7


async def test_errors_and_what_broke_off(sample, tmp_path):
    sample.call(
        "1", "", closing={"status": 529, "state": State.FAILED, "timing": None, "answer": part("answer", ERROR)}
    )
    sample.call("2", "half", closing={"state": State.ABORTED})
    sample.call("3", "", closing={"status": None, "state": State.FAILED, "answer": None, "timing": None})
    async with served(sample, tmp_path) as (player, _):
        head, body = await exchange(player, asked())
        assert head.startswith("HTTP/1.1 529")
        assert json.loads(body) == ERROR
        _, body = await exchange(player, asked())
        assert body
        assert not body.endswith(b"0\r\n\r\n")
        head, body = await exchange(player, asked())
        assert head.startswith("HTTP/1.1 404")
        assert "has no answer on the record" in body.decode()


async def test_original_timing(sample, tmp_path, monkeypatch):
    waits = []
    monkeypatch.setattr("recorder.again.player.asyncio.sleep", lambda seconds: done(waits.append(seconds)))

    async def done(_):
        pass

    sample.call("1", "first", closing={"timing": timing(at_us=3_600_000_000)})
    async with served(sample, tmp_path, in_time=True) as (player, _):
        assert await text_of(player, asked()) == "first"
    assert len([wait for wait in waits if 3500 < wait <= 3600]) == 7


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("HEAD", "/", 200, b""),
        ("POST", "/v1/messages/count_tokens?beta=true", 200, b'{"input_tokens":'),
        ("GET", "/v1/models?limit=1000", 200, OPUS.encode()),
        ("GET", "/inference-profiles?type=SYSTEM_DEFINED", 200, b"inferenceProfileId"),
        ("GET", "/api/hello", 404, b"no such call is answered: GET /api/hello"),
    ],
)
async def test_support_calls(sample, tmp_path, method, path, status, said):
    sample.call("1", "first")
    async with served(sample, tmp_path) as (player, tape):
        head, body = await exchange(player, {}, path=path, method=method)
        assert head.startswith(f"HTTP/1.1 {status} ")
        assert said in body
        assert tape.left == 1


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_no_web_page_is_answered(sample, tmp_path, headers):
    sample.call("1", "a secret plan")
    async with served(sample, tmp_path) as (player, tape):
        head, body = await exchange(player, asked(), **headers)
        assert head.startswith("HTTP/1.1 404")
        assert b"secret plan" not in body
        assert tape.left == 1
