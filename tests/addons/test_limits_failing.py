"""The limits addon by itself, with a gate that cannot ask its database."""

import json
from types import SimpleNamespace

import pytest
from limits import Limits
from mitmproxy.test import tflow, tutils

from recorder.config import Settings
from recorder.errors import StoreError
from recorder.limits.limits_file import load_limits
from recorder.policy.limits import parse_limits
from recorder.wire.classify import classify


async def test_limits_that_could_not_be_put_in_force_are_tried_again() -> None:
    """A database that was locked at the first request: the second one must not go out as if there were no limits."""

    class Locked:
        asked = 0

        async def configure(self, _limits: object) -> None:
            self.asked += 1
            if self.asked == 1:
                raise StoreError("the database is locked")

    addon, gate = Limits(), Locked()
    addon._gate = gate
    addon._limits = load_limits(None)
    with pytest.raises(StoreError):
        await addon._ready("run")
    assert await addon._ready("run") is gate
    assert gate.asked == 2
    await addon._ready("run")
    assert gate.asked == 2


class Silent:
    """In the place of the gate: its database cannot be asked, or something goes wrong that nobody expected."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def admit(self, *_: object) -> None:
        raise self._error


@pytest.mark.parametrize("on_failure", ["block", "pass"])
@pytest.mark.parametrize(
    ("error", "told"),
    [(StoreError("the disk is full"), "the disk is full"), (ZeroDivisionError("of a secret"), "ZeroDivisionError")],
)
async def test_when_limits_cannot_be_asked_on_failure_decides(
    on_failure: str, error: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[str, ...]] = []
    commands = SimpleNamespace(call=lambda *words: noted.append(words))
    monkeypatch.setattr("limits.ctx.master", SimpleNamespace(commands=commands), raising=False)
    addon = Limits()
    addon._gate = Silent(error)
    addon._limits = addon._in_force = parse_limits({"rate": [{"name": "r", "streams": 1}]})
    addon._settings = Settings(on_failure=on_failure)
    flow = tflow.tflow(req=tutils.treq(method=b"POST", path=b"/v1/messages"))
    asked = SimpleNamespace(id="i", call=classify("POST", "", "/v1/messages"), headers=(), body=b"{}")
    await addon.admit(flow, asked, "run")
    if on_failure == "pass":
        assert flow.response is None
        ((name, kind, body),) = noted
        assert (name, kind) == ("recorder.note", "gap")
        assert json.loads(body) == {
            "interaction": "i",
            "side": "limits",
            "policy": "pass",
            "reason": told,
        }
    else:
        assert flow.response.status_code == 503
        assert f"The recorder cannot ask its limits: {told}".encode() in flow.response.content
        assert (flow.metadata["recorder_blocked"], noted) == (f"limits: {told}", [])
