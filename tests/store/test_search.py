import pytest

from recorder.model import Identity
from recorder.store.blocks import release
from recorder.store.database import open_reader, open_writer, transaction
from recorder.store.search import Wanted, search
from recorder.store.search_index import forget_index, index_path
from recorder.store.search_query import parse_query
from scripts.sample import HAIKU, Sample, called, fill, gave, said


@pytest.fixture
def sample_path(tmp_path):
    path = tmp_path / "records.db"
    fill(path)
    return path


@pytest.fixture
def find(sample_path):
    def find_in(typed, *, path=sample_path, progress=None, session=None, project=None, **wanted):
        with open_reader(path) as db:
            chosen = Wanted(query=parse_query(typed), **wanted)
            return search(db, path, chosen, progress, session=session, project=project)

    return find_in


def seen(hits):
    return [(hit.row.id[:4], hit.source, hit.tool, hit.place) for hit in hits]


def test_finds_who_said_it_and_where(find):
    assert seen(find("AssertionError")) == [("21ad", "tool_result", "Bash", "content[0].content")]
    assert seen(find("apply_voucher never")) == [("21ad", "model", None, "content[0].text")]
    assert seen(find("VoucherAlreadyUsed codes")) == [("21ad", "tool_input", "Edit", "content[1].input.new_string")]
    assert seen(find("overloaded")) == [("d069", "error", None, "")]
    assert seen(find('"wrong total when"')) == [("76c7", "user", None, "content[0].text")]


def test_a_text_is_there_once_with_the_call_that_brought_it(find):
    # The answer of one call is a message of every later one.
    assert len(find("subagent look for the code")) == 1
    (hit,) = find("pytest test_cart")
    assert hit.text == "pytest -q tests/test_cart.py"


def test_names_ids_and_settings_are_not_texts(find):
    for word in ("toolu_01", "file_path", "max_tokens", "c2lnbmF0dXJl", "tool_use_id"):
        assert find(word) == [], word


def test_the_newest_comes_first(find):
    questions = find("question")
    assert [hit.text[:10] for hit in questions] == ["Question 3", "Question 2", "Question 1"]
    assert len(find("question", limit=2)) == 2


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ({}, 10),
        ({"sources": ("tool_result",)}, 1),
        ({"sources": ("tool_result", "model")}, 5),
        ({"tool": "Task"}, 2),
        ({"model": HAIKU}, 1),
        ({"project": "webshop"}, 10),
        ({"project": "billing"}, 0),
        ({"session": "5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00"}, 10),
    ],
)
def test_filters(find, chosen, count):
    assert len(find("vouchers", **chosen)) == count


def test_what_is_recorded_later_is_found_later(find, sample_path):
    assert find("zebra") == []
    sample = Sample(sample_path)
    call = sample.open([said("user", "a zebra")], id="z1")
    sample.close_call(call, [called("t1", "Bash", command="echo quagga")], None, ms=5)
    sample.open([said("user", "a zebra"), said("user", gave("t1", "okapi"))], id="z2")
    sample.close()
    assert [hit.source for hit in find("zebra")] == ["user"]
    assert seen(find("quagga"))[0][1:3] == ("tool_input", "Bash")
    assert seen(find("okapi"))[0][1:3] == ("tool_result", "Bash")


def test_a_session_that_begins_like_another_is_found_in_both(tmp_path, find):
    path = tmp_path / "two.db"
    sample = Sample(path)
    for session in ("one", "two"):
        sample.open([said("user", "the same zebra")], identity=Identity(session_id=session))
    sample.close()
    for session in ("one", "two"):
        (hit,) = find("zebra", path=path, session=session)
        assert hit.row.session_id == session


def test_what_was_erased_is_not_found(find, sample_path):
    assert find("AssertionError")
    with open_writer(sample_path) as db, transaction(db):
        for (part_id,) in db.execute("SELECT id FROM parts WHERE kind = 'message' ORDER BY id").fetchall():
            release(db, [part_id])
            db.execute("UPDATE parts SET content = NULL, salt = NULL WHERE id = ?", (part_id,))
    assert find("AssertionError") == []
    forget_index(sample_path)
    assert find("AssertionError") == []
    assert b"AssertionError" not in index_path(sample_path).read_bytes()


def test_the_index_is_private_and_may_go(find, sample_path):
    before = seen(find("vouchers"))
    path = index_path(sample_path)
    assert path.stat().st_mode & 0o777 == 0o600
    forget_index(sample_path)
    assert not path.exists()
    assert seen(find("vouchers")) == before


def test_a_damaged_index_is_made_anew(find, sample_path):
    before = seen(find("vouchers"))
    index_path(sample_path).write_bytes(b"no database" * 1000)
    assert seen(find("vouchers")) == before


def test_the_index_of_another_record_is_made_anew(find, tmp_path, sample_path):
    find("vouchers")
    other = tmp_path / "other.db"
    sample = Sample(other)
    sample.open([said("user", "another record")])
    sample.close()
    index_path(sample_path).replace(index_path(other))
    assert [hit.text for hit in find("record", path=other)] == ["another record"]


def test_where_no_index_can_be_written_it_is_in_memory(find, sample_path):
    index_path(sample_path).mkdir()
    assert len(find("AssertionError")) == 1


def test_progress_is_told(tmp_path, find):
    path = tmp_path / "many.db"
    sample = Sample(path)
    for number in range(300):
        call = sample.open([said("user", f"zebra {number}")])
        sample.close_call(call, [{"type": "text", "text": f"answer {number}"}], None, ms=1)
    sample.close()
    told = []
    assert len(find("zebra", path=path, limit=1000, progress=lambda done, of: told.append((done, of)))) == 300
    assert told == [(500, 600)]
