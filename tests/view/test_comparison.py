import pytest

from recorder.model import Slot
from recorder.store.database import open_reader
from recorder.view.comparison import Parameter, compare, comparison_json
from recorder.view.diff import diff
from scripts.sample import HOSTILE
from tests.view.conversations import Talk
from tests.view.rendering import render


@pytest.fixture
def compared(tmp_path):
    def compare_two(first, second):
        path = tmp_path / "records.db"
        talk = Talk(path)
        ids = [talk.ask(**first), talk.ask(**second)]
        talk.sample.close()
        with open_reader(path) as db:
            return compare(db, *ids)

    return compare_two


def said(*texts):
    return [{"role": "user", "content": text} for text in texts]


def kinds(comparison, slot):
    return [(run.kind, run.before, run.after) for run in comparison.lists[slot]]


def test_the_same(compared):
    comparison = compared({}, {})
    assert comparison.is_same
    assert "The requests are the same" in render(diff(comparison))


def test_cache_marks_are_no_difference(compared):
    marked = [{"type": "text", "text": "You are careful.", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    assert compared({}, {"system": marked}).is_same


def test_parameters(compared):
    comparison = compared(
        {"thinking": {"type": "enabled", "budget_tokens": 5}, "stream": True},
        {"thinking": {"type": "enabled", "budget_tokens": 6}, "temperature": 0},
    )
    assert comparison.parameters == (
        Parameter("thinking.budget_tokens", 5, 6),
        Parameter("stream", True, None),
        Parameter("temperature", None, 0),
    )
    text = render(diff(comparison))
    assert "-thinking.budget_tokens: 5\n+thinking.budget_tokens: 6\n-stream: true\n+temperature: 0" in text


def test_a_system_prompt_that_is_one_string(compared):
    comparison = compared({"system": "one"}, {"system": "two"})
    assert comparison.parameters == (Parameter("system", "one", "two"),)


def test_lists_are_aligned(compared):
    comparison = compared({"messages": said("1", "2", "3")}, {"messages": said("1", "3", "4")})
    assert kinds(comparison, Slot.MESSAGES) == [
        ("equal", (0, 1), (0, 1)),
        ("delete", (1, 2), (1, 1)),
        ("equal", (2, 3), (1, 2)),
        ("insert", (3, 3), (2, 3)),
    ]
    assert kinds(comparison, Slot.TOOLS) == [("equal", (0, 2), (0, 2))]


def test_a_changed_text_is_a_diff(compared):
    comparison = compared({"messages": said("a\nb\nc")}, {"messages": said("a\nB\nc")})
    text = render(diff(comparison))
    assert "@ message 0 → 0 changed" in text
    assert " a\n-b\n+B\n c" in text


def test_long_changes_are_cut_unless_all_is_asked_for(compared):
    comparison = compared({}, {"messages": said("\n".join(map(str, range(200))))})
    assert "more lines, --all shows them" in render(diff(comparison))
    assert "+199" in render(diff(comparison, whole=True))


def test_tools_are_compared_as_json(compared):
    text = render(diff(compared({}, {"tools": [{"name": "Bash", "description": "Runs it."}]})))
    assert '-  "description": "Runs."' in text
    assert '+  "description": "Runs it."' in text


def test_hostile_text_stays_harmless(compared):
    text = render(diff(compared({}, {"messages": said(HOSTILE), "metadata": {"user_id": HOSTILE}})))
    assert "owned" in text
    assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_json_leaves_out_what_is_the_same(compared):
    value = comparison_json(compared({}, {"messages": said("one", "two")}))
    assert (value["same"], value["tools"], value["parameters"]) == (False, [], [])
    (run,) = value["messages"]
    assert run["kind"] == "insert"
    assert "+two" in run["lines"]
