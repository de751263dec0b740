import msgspec
import pytest

from recorder.store import queries
from recorder.store.results import AgentRow
from recorder.view.tree import tree, tree_json
from tests.view.rendering import render


@pytest.fixture
def session(db):
    return queries.get_session(db, "5f0c")


def agent(template, agent_id, parent=None):
    return msgspec.structs.replace(template, agent_id=agent_id, parent_agent_id=parent, tools=())


@pytest.fixture
def template(db, session) -> AgentRow:
    return queries.session_agents(db, session.id)[0]


def names(value):
    return {node["agent_id"]: names(node["agents"]) for node in value}


def test_subagents_hang_below_the_main_thread_with_their_tools(db, session):
    text = render(tree(session, queries.session_agents(db, session.id)), 120)
    lines = [line.strip("│├└─ ") for line in text.splitlines()]
    assert lines[2].startswith("main thread  haiku-4-5, opus-4-6, house-model-7b")
    assert "Bash x1 · 4.36 s · 1 failed" in lines
    assert lines.index("Grep x1 · 0 ms") > next(i for i, line in enumerate(lines) if line.startswith("Explore a7c3"))


def test_nested_agents(session, template):
    rows = [agent(template, None), agent(template, "a"), agent(template, "b", "a"), agent(template, "c", "unknown")]
    assert names(tree_json(session, rows)["tree"]) == {None: {"a": {"b": {}}}, "c": {}}


@pytest.mark.parametrize("pairs", [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "b")]])
def test_parents_that_go_in_circles_hide_nobody(session, template, pairs):
    value = tree_json(session, [agent(template, one, parent) for one, parent in pairs])["tree"]
    text = str(names(value))
    assert all(f"'{one}'" in text for one, _ in pairs)


def test_nothing_on_the_terminal_but_text(session, template):
    row = msgspec.structs.replace(template, agent_id="x", agent_type="\x1b[2Jowned\nsecond line")
    text = render(tree(session, [row]))
    assert "owned␊second" in text
    assert "\x1b" not in text
