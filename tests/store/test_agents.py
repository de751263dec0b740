from recorder.model import ToolUse
from recorder.store.agents import session_agents


def test_sums_by_agent_with_their_tools(store, reader, make):
    uses = (ToolUse(0, "t1", "Bash"), ToolUse(1, "t2", "Bash"), ToolUse(2, "t3", "Task"))
    store.write(
        [
            make.opened("a"),
            make.priced("a", "0.25", tool_uses=uses),
            make.opened("b", agent="x", agent_type="Explore"),
            make.priced("b", "0.5"),
            make.opened("c", tool_results=(make.result("t1", 0, is_error=True), make.result("t3", 0)), messages=["r"]),
            make.opened("other", session="s2"),
        ]
    )
    main, explorer = session_agents(reader, "s1")
    assert (main.agent_id, main.interactions, main.cost_usd, main.failed) == (None, 2, "0.25", 0)
    assert [(tool.name, tool.calls, tool.failed) for tool in main.tools] == [("Bash", 2, 1), ("Task", 1, 0)]
    assert main.tools[1].duration_ms is not None
    assert (explorer.agent_id, explorer.agent_type, explorer.cost_usd, explorer.tools) == ("x", "Explore", "0.5", ())
    assert main.models == ("claude-opus-4-6", "claude-opus-4-6-20260101")
    assert main.span_ms == 4000  # from the first opening to the last, which is open
    assert main.busy_ms == 1500


def test_no_session(reader):
    assert session_agents(reader, "none") == []
