import pytest

from recorder.capture import asked
from recorder.capture.asked import Asked
from recorder.model import FlowClass, Provider, SafeText
from recorder.store.rows import Opened


def opened(name: str, model: str | None) -> Opened:
    return Opened(
        id=name,
        run_id="run",
        at_utc="2026-11-26T12:00:00.000Z",
        flow_class=FlowClass.MODEL,
        provider=Provider.ANTHROPIC,
        method="POST",
        scheme="https",
        host="api.anthropic.com:443",
        path=SafeText("/v1/messages"),
        model=None if model is None else SafeText(model),
    )


def test_what_a_request_asked_for() -> None:
    models = Asked()
    models.note(opened("a", "claude-x"))
    models.note(opened("b", None))
    assert [models.model(name) for name in "abc"] == ["claude-x", None, None]


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "_MOST", 2)
    models = Asked()
    for name in "abc":
        models.note(opened(name, f"model-{name}"))
    assert [models.model(name) for name in "abc"] == [None, "model-b", "model-c"]
