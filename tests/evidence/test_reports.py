"""What a pack tells in sum is what the commands tell, of what was chosen alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.evidence import reports
from recorder.model import Finding
from recorder.store.database import Database, open_reader, open_writer, snapshot
from recorder.store.gaps import find_gaps
from recorder.store.queries import list_sessions, usage_by
from recorder.store.selection import select
from recorder.store.writer import Writer
from scripts.sample import fill
from tests.store.conftest import Make


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reports") / "records.db"
    fill(path)
    return path


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with open_reader(path) as reader, snapshot(reader):
        yield reader


def test_secrets_by_kind_and_fingerprint(tmp_path: Path) -> None:
    make, name = Make(), "ab" * 16
    placeholder = f"[REDACTED:github-pat:{name}]"
    with open_writer(tmp_path / "r.db") as db:
        for turn in range(3):
            messages = [f"{placeholder} and [REDACTED:password]", "b", "c"][: turn + 1]
            found = (Finding("github-pat", name), Finding("password"))
            Writer(db).write([make.opened(f"t{turn}", messages, findings=found)])
        report = reports.redaction(db, {"session": "s1"})
        nobodys = reports.redaction(db, {"session": "s2"})
    secret, guessable = report["secrets"]
    assert secret == {
        "kind": "github-pat",
        "fingerprint": name,
        "fingerprints": [name],
        "places": 1,
        "times": 3,
        "interactions": 3,
        "sources": ["user"],
        "tools": [],
    }
    assert (guessable["kind"], guessable["fingerprint"], guessable["fingerprints"]) == ("password", None, [])
    assert nobodys["secrets"] == []
    assert report["program"].startswith("llm-audit-recorder ")


def test_gaps_of_all(db: Database) -> None:
    report = reports.gaps(db, select(db), {}, frozenset())
    found = find_gaps(db)
    assert found
    assert [(one["kind"], one["seq"], one["seconds"]) for one in report["gaps"]] == [
        (gap.kind, gap.seq, gap.seconds) for gap in found
    ]
    assert sum(report["by_kind"].values()) == len(found)


def test_gaps_of_one_session_are_none_of_anothers(db: Database) -> None:
    seen = []
    for session in list_sessions(db):
        selection = select(db, session=session.id)
        gaps = reports.gaps(db, selection, {"session": session.id}, frozenset())["gaps"]
        of = {id_ for (id_,) in db.execute("SELECT id FROM interactions WHERE session_id = ?", (session.id,))}
        named = [gap["interaction"] for gap in gaps if gap["interaction"] and gap["kind"] != "unrecorded"]
        assert set(named) <= of
        seen += named
    assert seen


def test_usage_by_each_key(db: Database) -> None:
    report = reports.usage(db, {})
    assert report.keys() == {"total", "by_day", "by_model", "by_project", "by_provider", "by_team", "by_user", "by_key"}
    assert report["by_model"] == usage_by(db, "model", flow_class="model")
    assert report["total"]["interactions"] == sum(row.interactions for row in report["by_project"])
