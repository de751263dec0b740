"""Bodies put together many at a time are those that are put together one by one, byte for byte."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.store import blocks, joining, queries
from recorder.store.content import NOT_THERE
from recorder.store.database import open_writer, transaction
from recorder.store.writer import Writer
from tests.store.conftest import Make

CACHED = {"cache_control": {"type": "ephemeral"}}


@st.composite
def conversations(draw):
    """Bodies that go on from one another, fork, begin again; with marks that move, and spaces between elements."""
    bodies = []
    messages = []
    for number in range(draw(st.integers(1, 8))):
        keep = draw(st.integers(0, len(messages)))
        messages = messages[:keep] + [
            {"role": "user", "content": f"{number} {at}"} for at in range(draw(st.integers(0, 3)))
        ]
        marked = draw(st.sets(st.integers(0, 6)))
        body = {
            "system": [{"type": "text", "text": "s" * draw(st.integers(0, 1))}, {"text": "é", **CACHED}],
            "model": "m",
            "messages": [
                message | (CACHED if at in marked else {}) for at, message in enumerate(messages)
            ],
        }  # fmt: skip
        spaces = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
        bodies.append(json.dumps(body, separators=spaces).encode())
    return bodies


def stored(path: Path, bodies: list[bytes]):
    make, db = Make(), open_writer(path)
    Writer(db).write([make.cut(f"call{number}", body) for number, body in enumerate(bodies)])
    return db


def bodies_of(db) -> list[bytes]:
    return [one.request for one in queries.wholes(db, to=queries.last_seq(db))]


@pytest.mark.parametrize("limits", [{}, {"_MOST_RUNS": 1}, {"_MOST_BYTES": 1}], ids=["roomy", "one run", "one byte"])
@given(bodies=conversations())
def test_as_sent(bodies: list[bytes], limits: dict[str, int]) -> None:
    with TemporaryDirectory() as folder, patch.multiple(joining, **limits) if limits else TemporaryDirectory():
        db = stored(Path(folder) / "r.db", bodies)
        assert bodies_of(db) == bodies
        db.close()


def test_what_is_not_there_is_told_of_each_body_that_has_it(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": f"number {at}"} for at in range(4)]
    bodies = [json.dumps({"messages": [*messages[:at], messages[at] | CACHED]}).encode() for at in range(4)]
    db = stored(tmp_path / "r.db", bodies)
    with transaction(db):
        (part,) = db.execute("SELECT id FROM parts WHERE kind = 'message' ORDER BY id LIMIT 1 OFFSET 1").fetchone()
        blocks.release(db, [part])
        db.execute("UPDATE parts SET content = NULL, salt = NULL, erased_by = 3 WHERE id = ?", (part,))
    found = list(queries.wholes(db, to=queries.last_seq(db)))
    assert [len(one.missing) for one in found] == [0, 1, 1, 1]
    assert [one.request.count(NOT_THERE) for one in found] == [0, 1, 1, 1]
    assert found[1].request == bodies[1].replace(json.dumps(messages[1] | CACHED).encode(), NOT_THERE)
    assert found[0].request == bodies[0]
    db.close()


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": f"number {at}"} for at in range(30)]
    bodies = [json.dumps({"messages": messages[: at + 1]}).encode() for at in range(30)]
    db = stored(tmp_path / "r.db", bodies)
    appended = []
    append = joining._Run.append
    with patch.object(joining._Run, "append", lambda *given: (appended.append(given[1].part), append(*given))):
        assert bodies_of(db) == bodies
    assert len(appended) == 30
    db.close()
