import msgspec
import pytest

from recorder.store import queries
from recorder.store.results import Hit
from recorder.view.search import excerpt, hit_json, hit_lines, hits_layout
from scripts.sample import HOSTILE
from tests.view.rendering import render


@pytest.fixture
def hit(db):
    row = queries.get_interaction(db, "21ad")
    text = f"{'a ' * 200}needle {'b ' * 200}"
    return Hit(row=row, source="tool_result", tool="Bash", place="content[0].content", text=text, spots=[(400, 406)])


def test_the_excerpt_is_around_the_first_spot(hit):
    pieces = excerpt(hit, around=10)
    assert pieces == [("…", False), ("a a a a a ", False), ("needle", True), (" b b b b b", False), ("…", False)]


def test_all_spots_in_it_are_marked(hit):
    text = "one two one"
    found = msgspec.structs.replace(hit, text=text, spots=[(0, 3), (8, 11)])
    assert [piece for piece in excerpt(found) if piece[1]] == [("one", True), ("one", True)]
    assert "".join(piece for piece, _ in excerpt(found)) == text


def test_layout_says_who_and_where(hit):
    head, text = render(hits_layout([hit]), 400).splitlines()
    assert head.startswith("21adfd5d  tool result of Bash  2026-11-23")
    assert "webshop · opus-4-6" in head
    assert "needle" in text
    assert "\x1b[1;33m" in render(hits_layout([hit]), 400, colour=True)


def test_hostile_text_stays_harmless(hit):
    found = msgspec.structs.replace(hit, text=f"needle {HOSTILE}", spots=[(0, 6)], tool=HOSTILE)
    for text in (render(hits_layout([found])), "\n".join(hit_lines([found]))):
        assert "owned" in text
        assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_json_has_the_whole_text(hit):
    value = hit_json(hit)
    assert (value["text"], value["spots"], value["model"]) == (hit.text, [[400, 406]], "claude-opus-4-6")
