"""Broken, odd and hostile exchanges with canaries in them, through the writer's whole work, into a real database."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

import msgspec
import zstandard
from sqlite_utils import Database

from recorder.capture.frames import Frame
from recorder.capture.messages import Chunks, Close, Open, Target
from recorder.store.blocks import Contents
from recorder.store.record_bodies import BodyReader
from recorder.wire.answer import Chunk
from tests.redaction.corpus import KINDS
from tests.redaction.dice import ALNUM, Dice
from tests.support.desk import greeting, seated
from tests.wire import streams

TARGET = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path="/v1/messages?beta=true")
BATCH, STORE = 50, 500
SHAPED = tuple(
    kind for kind in KINDS if kind.name.startswith(("anthropic", "github", "openrouter", "groq", "stripe-live", "npm"))
)


@dataclass
class FuzzResult:
    """What became of them: errors of the writer, and canaries found in what it wrote."""

    bodies: int = 0
    errors: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)


def fuzz(seed: int, count: int, folder: Path) -> FuzzResult:
    """Record `count` exchanges in `folder` and look for their canaries in everything that is there afterwards.

    Each `STORE` of them get a writer of their own: a real one does not see ten thousand credentials.
    """
    result = FuzzResult(count)
    for start in range(0, count, STORE):
        place = folder / str(start)
        place.mkdir()
        _recorded(seed, range(start, min(start + STORE, count)), place, result)
    return result


def _recorded(seed: int, numbers: range, folder: Path, result: FuzzResult) -> None:
    desk = seated(greeting(folder))
    canaries: set[str] = set()
    for some in batched(numbers, BATCH):
        frames = [frame for number in some for frame in _exchange(Dice(f"{seed}/fuzz/{number}"), number, canaries)]
        result.errors += [f"{ack.number}: {ack.error}" for ack in desk.take(frames) if ack.error]
    result.leaks += _found(canaries, folder)


def _exchange(dice: Dice, number: int, canaries: set[str]) -> tuple[Frame, Frame]:
    token = dice.pick(SHAPED).make(dice).values[0]
    # A credential without any shape: it is known from the request's own header alone.
    credential = f"{dice.pick(['corp', 'gw', 'team'])}-{dice.chars(ALNUM, 28)}"
    canaries |= {token, credential}
    placed = dice.pick([token, credential, f"{token} {credential}", f"KEY={token}\n{credential}"])
    body = _broken(dice, _request(dice, placed), (token, credential))
    answer, headers, status = dice.pick(ANSWERS)(dice, placed)
    if headers is streams.SSE_HEADERS:
        # A stream may end anywhere. Spoilt in the middle it loses pieces of a canary, and the rest is none.
        answer = answer[: dice.pick([len(answer), len(answer), dice.randrange(len(answer))])]
    else:
        answer = _broken(dice, answer, (token, credential))
    id_ = f"fuzz{number}"
    fields = (
        ("x-api-key", credential),
        ("content-type", "application/json"),
        ("user-agent", dice.pick(["cli/1", f"x {token}"])),
    )
    path = dice.pick([TARGET.path, TARGET.path, f"/v1/messages?key={credential}", f"/v1/messages?trace={token}"])
    target = msgspec.structs.replace(TARGET, path=path)
    opened = Open(id=id_, at_us=2_000_000 + number, target=target, headers=fields, wire_bytes=len(body))
    closed = Close(
        id=id_,
        started_us=2_000_000 + number,
        target=target,
        outcome="answered",
        status=status,
        duration_us=5,
        wire_bytes=len(answer),
        headers=(*headers, ("request-id", f"req_{number}"), ("x-echo", placed.replace("\n", " "))),
        chunks=Chunks.of(Chunk(3, len(answer))),
    )
    return Frame(2 * number, opened, body), Frame(2 * number + 1, closed, answer)


def _value(dice: Dice, placed: str, depth: int) -> Any:
    """Return anything that JSON can hold, with the canary at some of its leaves and keys."""
    kind = dice.randrange(8) if depth else dice.randrange(4)
    if kind < 2:
        return placed
    if kind == 2:
        return dice.pick([None, True, 0, -1.5e300, 10**40, "", "x" * 300, "\u2028\ud83d\ude00", "\0"])
    if kind == 3:
        return json.dumps({"out": placed})
    if kind < 6:
        return [_value(dice, placed, depth - 1) for _ in range(dice.randrange(4))]
    return {dice.pick(["a", "type", "text", placed, "", "id"]): _value(dice, placed, depth - 1) for _ in range(3)}


def _request(dice: Dice, placed: str) -> bytes:
    content = dice.pick([placed, [{"type": "text", "text": placed}], _value(dice, placed, 4)])
    body: dict[str, Any] = {
        "model": "claude-haiku-4-5-20251001",
        "max_tokens": 100,
        "stream": dice.random() < 0.5,
        "messages": [{"role": "user", "content": content}],
    }
    odd = dice.randrange(6)
    if odd == 0:
        body["tools"] = [{"name": placed, "description": placed, "input_schema": _value(dice, placed, 2)}]
    elif odd == 1:
        body["system"] = _value(dice, placed, 3)
    elif odd == 2:
        body["metadata"] = {"user_id": placed}
    elif odd == 3:
        body = {"anything": _value(dice, placed, 5), placed: 1}
    elif odd == 4:
        body["model"] = placed
    return json.dumps(body, ensure_ascii=dice.random() < 0.5, indent=dice.pick([None, 1])).encode(
        "utf-8", "surrogatepass"
    )


def _broken(dice: Dice, body: bytes, canaries: tuple[str, ...]) -> bytes:
    """Cut, repeat or spoil bytes outside the canaries: a spoilt canary is no canary."""
    for _ in range(dice.pick([0, 0, 1, 3])):
        at = dice.randrange(len(body) + 1)
        if any(start < at < start + len(canary) for canary in canaries for start in _starts(body, canary.encode())):
            continue
        harm = dice.pick([b"\xff\xfe", b"\0", b'"', b"{", b"\\", b"\x80", b"\r\n", dice.randbytes(5)])
        body = dice.pick([body[:at], body[:at] + harm + body[at:], body[:at] + b" " + body[at:]])
    return body


def _starts(body: bytes, canary: bytes) -> Iterator[int]:
    at = body.find(canary)
    while at >= 0:
        yield at
        at = body.find(canary, at + 1)


def _streamed(dice: Dice, placed: str) -> tuple[bytes, Any, int]:
    text = json.dumps({"command": placed})
    cuts = sorted(dice.randrange(len(text)) for _ in range(6))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    events = [
        *streams.text_block(0, *(f"so: {placed}"[at : at + 9] for at in range(0, 400, 9))),
        *streams.tool_block(1, *pieces),
    ]
    return streams.sse([streams.START, *events, streams.ending(), streams.STOP]), streams.SSE_HEADERS, 200


def _whole(dice: Dice, placed: str) -> tuple[bytes, Any, int]:
    message = {
        "type": "message", "id": "msg_1", "role": "assistant", "model": "claude-haiku-4-5", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": placed}], "usage": {"input_tokens": 1, "output_tokens": 2},
    }  # fmt: skip
    return json.dumps(message).encode(), streams.JSON_HEADERS, 200


def _error(dice: Dice, placed: str) -> tuple[bytes, Any, int]:
    value = {
        "type": "error",
        "error": {"type": dice.pick(["authentication_error", placed]), "message": f"bad key {placed}"},
    }
    return json.dumps(value).encode(), streams.JSON_HEADERS, dice.pick([400, 401, 529])


def _page(dice: Dice, placed: str) -> tuple[bytes, Any, int]:
    return f"<html><pre>{placed}</pre></html>".encode(), (("content-type", "text/html"),), dice.pick([200, 502])


ANSWERS: tuple[Callable[[Dice, str], tuple[bytes, Any, int]], ...] = (_streamed, _streamed, _whole, _error, _page)


def _found(canaries: set[str], folder: Path) -> list[str]:
    """Look into every byte of every file, and into what the database has compressed, for 12 characters of a canary."""
    cores = {canary[-14:-2].encode(): canary for canary in canaries}
    return [
        f"{cores[run][:6]}… in {where}"
        for where, data in written(folder)
        for run in {data[at : at + 12] for at in range(len(data) - 11)} & cores.keys()
    ]


def written(folder: Path, db: Path | None = None) -> list[tuple[str, bytes]]:
    """Return what is in a recorder's folder: every file as it is, and what the database in it has compressed."""
    files = [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return [*files, *_values(db or folder / "records.db")]


def _values(path: Path) -> list[tuple[str, bytes]]:
    """Return every column of every table, its values one after the other, uncompressed."""
    database = Database(sqlite3.connect(f"file:{path}?mode=ro", uri=True))
    bodies = BodyReader(database)
    try:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, list[bytes]] = {"contents": [content for _, content in Contents(database).every()]}
        for body, base in database.execute("SELECT body, base FROM records"):
            text = bodies.text(body, base)
            found.setdefault("record bodies", []).append(text if isinstance(text, bytes) else text.encode())
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            for row in rows:
                for column, value in zip((one[0] for one in rows.description), row, strict=True):
                    found.setdefault(f"{table}.{column}", []).append(_opened(value))
        return [(where, b"\n".join(values)) for where, values in found.items()]
    finally:
        database.close()


def _opened(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode()
    if not value.startswith(zstandard.MAGIC_NUMBER.to_bytes(4, "little")):
        return value
    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(value)
    except zstandard.ZstdError:  # a record's, which needs the text of another one: read above
        return value
