"""A store in a folder of its own, and a maker of rows from plain values."""

import hashlib
import itertools
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from recorder.model import FlowClass, Identity, Protocol, Provider, Slot, State, ToolResult, ToolUse, Usage
from recorder.store.blocks import release
from recorder.store.database import open_reader, open_writer, transaction
from recorder.store.rows import Closed, Event, KnownPart, Link, NewPart, Opened
from recorder.store.writer import Writer
from recorder.wire.request import cut_request

KINDS = {Slot.SYSTEM: "system", Slot.TOOLS: "tool", Slot.MESSAGES: "message"}
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Make:
    """Makes rows; time goes on by a second with each."""

    def __init__(self):
        self.seconds = itertools.count()

    def utc(self):
        at = START + timedelta(seconds=next(self.seconds))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def part(self, kind, content, role=None):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        digest = hashlib.sha256(b"\0".join([kind.encode(), (role or "").encode(), data])).digest()[:16]
        return NewPart(kind=kind, role=role, content=data, digest=digest)

    def known(self, part):
        return KnownPart(part.digest)

    def links(self, slot, contents):
        return tuple(Link(self.part(KINDS[slot], content, "user")) for content in contents)

    def messages(self, *contents):
        return {Slot.MESSAGES: self.links(Slot.MESSAGES, contents)}

    def opened(self, name, messages=None, *, session="s1", agent=None, agent_type=None, **given):
        row = Opened(
            id=name,
            run_id="run1",
            at_utc=self.utc(),
            flow_class=FlowClass.MODEL,
            protocol=Protocol.MESSAGES,
            provider=Provider.ANTHROPIC,
            method="POST",
            scheme="https",
            host="api.anthropic.com:443",
            path="/v1/messages?beta=true",
            identity=Identity(session_id=session, agent_id=agent, agent_type=agent_type, client="claude-cli/2.1.330"),
            model="claude-opus-4-6",
            streaming=True,
            project="p1",
            request_bytes=100,
            chains=self.messages(*messages) if messages else {},
        )
        return msgspec.structs.replace(row, **given)

    def cut(self, name, body, **given):
        """An `Opened` of a request body, all its parts sent whole."""
        cut = cut_request(body)
        return self.opened(
            name,
            envelope=self.part("envelope", cut.envelope),
            slots=cut.slots,
            chains={
                slot: tuple(Link(self.part(KINDS[slot], piece.content, piece.role), piece.lead) for piece in pieces)
                for slot, pieces in cut.pieces.items()
            },
            marks=tuple(
                (slot, position, mark.offset, mark.data)
                for slot, pieces in cut.pieces.items()
                for position, piece in enumerate(pieces)
                for mark in piece.marks
            ),
            **given,
        )

    def closed(self, name, state=State.COMPLETE, *, tools=(), **given):
        row = Closed(
            id=name,
            at_utc=self.utc(),
            state=state,
            provider=Provider.ANTHROPIC,
            model="claude-opus-4-6-20260101",
            duration_us=1_500_000,
            tool_uses=tuple(ToolUse(index, tool, "Bash") for index, tool in enumerate(tools)),
        )
        return msgspec.structs.replace(row, **given)

    def priced(self, name, usd, **given):
        usage = Usage(input_tokens=10, output_tokens=5, cache_read_tokens=3, cache_write_5m_tokens=2)
        return self.closed(name, usage=usage, cost_usd=usd, cost={"table": "genai-prices 0.2.3"}, **given)

    def result(self, tool, position, *, is_error=False):
        return ToolResult(tool, is_error), position

    def event(self, kind, **body):
        return Event(kind=kind, at_utc=self.utc(), body=body)


@pytest.fixture
def make():
    return Make()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.db"


@pytest.fixture
def db(path):
    with open_writer(path) as database:
        yield database


@pytest.fixture
def store(db):
    return Writer(db)


@pytest.fixture
def reader(db, path):
    with open_reader(path) as database:
        yield database


@pytest.fixture
def dump(db):
    """All rows of all tables."""
    return lambda: {name: list(db[name].rows) for name in db.table_names()}


@pytest.fixture
def erase(db):
    """Erase the content of all parts of a kind."""

    def erase_all(kind):
        with transaction(db):
            ids = [part_id for (part_id,) in db.execute("SELECT id FROM parts WHERE kind = ?", (kind,))]
            release(db, ids)
            for part_id in ids:
                db.execute("UPDATE parts SET content = NULL, salt = NULL WHERE id = ?", (part_id,))

    return erase_all
