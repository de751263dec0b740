from recorder.cli.leaks import find_leaks
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions, request_body


def test_finds_what_only_a_compressed_part_holds(sample_path):
    with open_reader(sample_path) as db:
        bodies = [request_body(db, row.id) for row in list_interactions(db)]
    body = max(bodies, key=len)
    middle = body[len(body) // 2 :][:40].decode("ascii", "ignore")
    assert middle.encode() not in sample_path.read_bytes()
    assert find_leaks(sample_path, [middle])


def test_finds_nothing_that_is_not_there(sample_path):
    assert not find_leaks(sample_path, ["made-up-secret-that-nobody-said"])


def test_finds_what_the_file_holds(sample_path):
    assert find_leaks(sample_path, ["SQLite format 3"])
