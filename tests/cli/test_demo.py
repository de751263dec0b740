from click.testing import CliRunner

import recorder.cli.demo
from recorder.cli import main
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions


def test_records_and_shows_a_session(clean_env, tmp_path):
    path = tmp_path / "demo.db"
    result = CliRunner().invoke(main, ["demo", "--db", str(path)])
    assert result.exit_code == 0, result.output
    for words in ("$ recorder sessions", "$ recorder interactions", "$ recorder show", "[REDACTED:", str(path)):
        assert words in result.stdout
    with open_reader(path) as db:
        rows = list_interactions(db, flow_class="model")
    assert {row.state for row in rows} == {"complete"}
    assert any(row.agent_id for row in rows)
    assert any(row.tool_calls for row in rows)


def test_a_leak_is_an_error(clean_env, tmp_path, monkeypatch):
    monkeypatch.setattr(recorder.cli.demo, "find_leaks", lambda *_: True)
    result = CliRunner().invoke(main, ["demo", "--db", str(tmp_path / "demo.db")])
    assert result.exit_code == 1
    assert "a planted secret was found" in result.stderr
