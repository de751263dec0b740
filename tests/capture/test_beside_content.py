"""What a request's parts are described by, beside their content: it must be as clean as the content."""

from pathlib import Path

import msgspec
import pytest

from recorder.capture.frames import Frame
from recorder.redact.pipeline import Pipeline
from recorder.store.contents import every_content
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.capture.test_desk import SECRET, opening
from tests.support.requests import dumps, message

SHAPED = "ghp_" + "aZ3kQ9wL7xR2mT5vB8nC1dF4gH6jK0pSyUeW"
KEYED = {"x-api-key": SECRET}


def told(path: str) -> bytes:
    """Return every value of every table, and every content."""
    with open_reader(Path(path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        values = [repr(row).encode() for name in names for row in db.execute(f'SELECT * FROM "{name}"')]
        bodies = [repr(record).encode() for record in records(db)]
        return b"\n".join([*values, *bodies, *(content for _, content in every_content(db))])


@pytest.mark.parametrize("secret", [SECRET, SHAPED])
@pytest.mark.parametrize("first", [True, False])
def test_a_role_that_is_a_secret(desk, hello, secret, first) -> None:
    said = {"role": secret, "content": "hi"} if first else {"content": "hi", "role": secret}
    (ack,) = desk.take([opening("a", message("") | {"messages": [said]}, **KEYED)])
    assert ack.error is None
    assert secret.encode() not in told(hello.db)


@pytest.mark.parametrize("secret", [SECRET, SHAPED])
@pytest.mark.parametrize(
    "block",
    [
        lambda secret: {"type": "tool_result", "tool_use_id": secret, "content": "x"},
        lambda secret: {"toolResult": {"toolUseId": secret, "status": "error"}},
    ],
)
def test_a_tool_result_whose_id_is_a_secret(desk, hello, secret, block) -> None:
    body = message("") | {"messages": [{"role": "user", "content": [block(secret)]}]}
    (ack,) = desk.take([opening("a", dumps(body), **KEYED)])
    assert ack.error is None
    assert secret.encode() not in told(hello.db)
    assert b"tripwire" not in told(hello.db)


@pytest.mark.parametrize("secret", [SECRET, SHAPED])
def test_a_host_whose_name_is_a_secret(desk, hello, secret) -> None:
    frame = opening("a", message("hi"), **KEYED)
    target = msgspec.structs.replace(frame.message.target, host=f"{secret}.example.com")
    (ack,) = desk.take([Frame(0, msgspec.structs.replace(frame.message, target=target), frame.body)])
    assert ack.error is None
    assert secret.encode() not in told(hello.db)


@pytest.mark.parametrize("size", [10, len(SECRET) - 1])
def test_a_body_that_breaks_off_inside_a_credential(desk, hello, size) -> None:
    (ack,) = desk.take([opening("a", b'{"messages": [{"content": "it is ' + SECRET[:size].encode(), **KEYED)])
    assert ack.error is None
    assert SECRET[:size].encode() not in told(hello.db)


def test_the_tripwire_sees_roles(desk, hello, monkeypatch) -> None:
    monkeypatch.setattr(Pipeline, "scan_of", lambda *_: [])
    (ack,) = desk.take([opening("a", message("") | {"messages": [{"role": SHAPED}]})])
    assert ack.error is None
    assert SHAPED.encode() not in told(hello.db)
