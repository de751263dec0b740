"""What goes wrong inside an addon: mitmproxy would let the request go on, so each of them refuses it itself."""

import asyncio
import warnings
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from access import Access
from guard import Guard
from mitmproxy import http
from mitmproxy.options import Options
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from recorder.policy.policy import parse_policy
from recorder.routing.policy_file import Loaded

with warnings.catch_warnings():  # mitmproxy's filter language uses names that its parser's newer versions deprecate
    warnings.simplefilter("ignore", DeprecationWarning)
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
        (route, 400, "cannot send this on: PermissionError"),
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
