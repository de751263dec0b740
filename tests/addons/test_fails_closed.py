"""What goes wrong inside an addon: mitmproxy would let the request go on, so each of them refuses it itself."""

import asyncio
import warnings
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from access import Access
from guard import Guard
from mitmproxy import flow as flow_error
from mitmproxy import http
from mitmproxy.options import Options
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from recorder.policy.policy import parse_policy
from recorder.routing.policy_file import Loaded
from recorder.wire.classify import classify

with warnings.catch_warnings():  # mitmproxy's filter language uses names that its parser's newer versions deprecate
    warnings.simplefilter("ignore", DeprecationWarning)
    from audit import Audit
    from route import Route

SECRET = "sk-made-up-" + "4f" * 12
KEY = "rcdr-" + "A" * 43


def fail(*_: object) -> None:
    raise PermissionError(13, f"no {SECRET} here")


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> http.HTTPFlow:
    master = SimpleNamespace(commands=SimpleNamespace(commands={}), addons={})
    for name in ("access", "guard", "route", "rerouting"):
        monkeypatch.setattr(f"{name}.ctx.master", master, raising=False)
    sent = tutils.treq(method=b"POST", path=b"/v1/messages", headers=http.Headers(host="127.0.0.1", x_api_key=KEY))
    return tflow.tflow(req=sent)


def access(flow: http.HTTPFlow, monkeypatch: pytest.MonkeyPatch) -> None:
    addon = Access()
    monkeypatch.setattr(addon._keyring, "find", fail)
    addon.requestheaders(flow)


def route(flow: http.HTTPFlow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rerouting.ask", fail)
    addon = Route()
    addon._loaded = Loaded(policy=parse_policy({"upstream": {"a": {"url": "http://a.test"}}, "route": [{"to": "a"}]}))
    asyncio.run(addon.route(flow))


def guard(flow: http.HTTPFlow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guard.parse_authority", fail)
    flow.client_conn.proxy_mode = ProxyMode.parse("reverse:http://a.test@127.0.0.1:0")
    monkeypatch.setattr("guard.ctx.options", Options(), raising=False)
    Guard().requestheaders(flow)


@pytest.mark.parametrize(
    ("part", "status", "said"),
    [
        (access, 401, "the recorder's keys cannot be read"),
        (route, 409, "cannot send this on: PermissionError"),
        (guard, 403, "its Host cannot be read (PermissionError)"),
    ],
)
def test_an_error_that_nobody_expected(
    flow: http.HTTPFlow,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: Callable[[http.HTTPFlow, pytest.MonkeyPatch], None],
    status: int,
    said: str,
) -> None:
    part(flow, monkeypatch)
    assert flow.response is not None
    assert (flow.response.status_code, said in (flow.response.content or b"").decode()) == (status, True), (
        flow.response.content
    )
    assert SECRET not in str(flow.response.content) + caplog.text
    assert "PermissionError" in caplog.text


class Run:
    """A run whose record can be noted into, of which all else fails."""

    id = "run1"
    healthy = True
    outbound = "off"
    exchange = follow = staticmethod(fail)

    def __init__(self, *, blocks: bool) -> None:
        self.blocks = blocks
        self.notes: list[tuple[str, dict[str, object]]] = []

    def note(self, kind: str, body: dict[str, object]) -> None:
        self.notes.append((kind, body))


def recording(flow: http.HTTPFlow, *, on_wire: bool = False) -> SimpleNamespace:
    async def failing(*_: object) -> None:
        fail()

    exchange = SimpleNamespace(opened=failing, opening=SimpleNamespace(id="i1"))
    tee = SimpleNamespace(on_wire=on_wire, hold=len)
    return SimpleNamespace(
        exchange=exchange, tee=tee, translating=None, call=classify("POST", "h", "/v1/messages"), close=failing
    )


@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize("hook", ["request", "responseheaders", "response", "error"])
def test_an_error_in_what_records(
    flow: http.HTTPFlow, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, hook: str, *, blocks: bool
) -> None:
    monkeypatch.setattr("audit.ctx.master", SimpleNamespace(commands=SimpleNamespace(commands={}), addons={}))
    audit, run = Audit(), Run(blocks=blocks)
    audit._run = run
    if hook != "request":
        audit._recordings[flow.id] = recording(flow, on_wire=hook == "error")
        flow.response = http.Response.make(200, b"said", {})
    if hook == "error":
        flow.error = flow_error.Error("gone")
    asyncio.run(getattr(audit, hook)(flow))
    ((kind, note),) = run.notes
    assert (kind, note["policy"], note["reason"]) == (
        "gap",
        "block" if blocks else "pass",
        "it failed (PermissionError)",
    )
    assert audit._recordings == {}
    assert SECRET not in caplog.text
    assert "Traceback" not in caplog.text
    if hook == "error":
        assert flow.error is not None
        assert flow.error.msg == "gone"
        return
    refused = flow.response is not None and flow.response.status_code == 503
    assert refused is blocks
    if hook == "responseheaders" and not blocks:
        assert flow.response.stream is True


def test_an_answer_whose_bytes_are_with_the_client_has_no_end(
    flow: http.HTTPFlow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.ctx.master", SimpleNamespace(commands=SimpleNamespace(commands={}), addons={}))
    audit = Audit()
    audit._run = Run(blocks=True)
    audit._recordings[flow.id] = recording(flow, on_wire=True)
    flow.response = http.Response.make(200, b"said", {})
    flow.live = True
    asyncio.run(audit.response(flow))
    assert flow.error is not None
