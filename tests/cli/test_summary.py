import msgspec
import pytest

from recorder.cli.summary import describe_run, interactions_of_run, last_record
from recorder.errors import StoreError
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions, records

TOKENS = {"input_tokens": 10, "output_tokens": 5, "cache_read_tokens": 1000, "cache_write_5m_tokens": 200}


@pytest.fixture
def row(sample_path):
    with open_reader(sample_path) as db:
        row = list_interactions(db, flow_class="model")[0]
    return msgspec.structs.replace(row, **TOKENS, cache_write_1h_tokens=3, cost_usd="0.1", state="complete")


def test_one_line(row, tmp_path):
    other = msgspec.structs.replace(row, cost_usd="0.20005")
    expected = f"2 interactions, 2.4k tokens in, 10 out, cost $0.3000; recorded in {tmp_path}"
    assert describe_run([row, other], tmp_path) in (expected, expected.replace("$0.3000", "$0.3001"))


def test_unknown_cost_is_no_zero(row, tmp_path):
    unknown = msgspec.structs.replace(row, cost_usd=None)
    assert "cost $0.1000 + 1 unknown;" in describe_run([row, unknown], tmp_path)
    unanswered = msgspec.structs.replace(unknown, output_tokens=None, state="aborted")
    line = describe_run([row, unanswered], tmp_path)
    assert "cost $0.1000;" in line
    assert "2 interactions, 1 not complete," in line


def test_only_this_run_and_only_what_came_since(sample_path):
    with open_reader(sample_path) as db:
        models = {row.id for row in list_interactions(db, flow_class="model")}
        opened = [record for record in records(db) if record.kind == "opened"]
    run = opened[0].body["run_id"]
    expected = [record.body["id"] for record in opened if record.body["run_id"] == run and record.body["id"] in models]
    assert [row.id for row in interactions_of_run(sample_path, run, 0)] == expected
    assert [row.id for row in interactions_of_run(sample_path, run, opened[0].seq)] == expected[1:]
    assert interactions_of_run(sample_path, "another", 0) == []
    assert last_record(sample_path) >= opened[-1].seq


def test_a_database_that_is_not_there_yet(tmp_path):
    assert last_record(tmp_path / "r.db") == 0
    (tmp_path / "x.db").write_bytes(b"something else")
    with pytest.raises(StoreError):
        last_record(tmp_path / "x.db")
