"""The table of hooks: the same calls, in the same order, with the same ends as in mitmproxy's own addon manager."""

import logging
import warnings
from typing import Any

import pytest
from mitmproxy import exceptions, hooks
from mitmproxy.addonmanager import AddonManager
from mitmproxy.options import Options
from mitmproxy.proxy.layers.http import HttpRequestHook
from mitmproxy.test.tflow import tflow

with warnings.catch_warnings():  # mitmproxy's filter language uses names that its parser's newer versions deprecate
    warnings.simplefilter("ignore")
    from hook_table import HookTable, QuickMaster
    from mitmproxy.master import Master


class Addon:
    """Notes what it is called with, and does what it is told to."""

    def __init__(self, name: str, calls: list[str], raises: Exception | None = None) -> None:
        self.name = name
        self._calls = calls
        self._raises = raises

    def request(self, flow: Any) -> None:
        self._calls.append(f"{self.name} request {flow.id}")
        if self._raises:
            raise self._raises


class Waiting(Addon):
    async def request(self, flow: Any) -> None:  # type: ignore[override]
        super().request(flow)

    def update(self, flows: Any) -> None:
        self._calls.append(f"{self.name} update {flows[0].id}")


class Parent(Addon):
    def __init__(self, name: str, calls: list[str]) -> None:
        super().__init__(name, calls)
        self.addons = [Waiting(f"{name}'s child", calls)]


class Deaf:
    """Has no hook at all."""


async def calls_of(manager: type[AddonManager], raises: Exception | None = None) -> list[str]:
    master = Master(Options())
    calls: list[str] = []
    table = manager(master)
    table.add(Addon("a", calls), Deaf(), Parent("b", calls), Addon("c", calls, raises))
    late = Waiting("d", calls)
    flow = tflow()
    flow.id = "1"
    await table.handle_lifecycle(HttpRequestHook(flow))
    table.add(late)
    await table.handle_lifecycle(HttpRequestHook(flow))
    table.remove(late)
    await table.handle_lifecycle(HttpRequestHook(flow))
    table.clear()
    await table.handle_lifecycle(HttpRequestHook(flow))
    return calls


@pytest.mark.parametrize("raises", [None, ValueError("no"), exceptions.AddonHalt()])
async def test_calls_what_mitmproxy_calls(raises: Exception | None, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        expected = await calls_of(AddonManager, raises)
        said = [record.getMessage() for record in caplog.records]
        caplog.clear()
        assert await calls_of(HookTable, raises) == expected
    assert [record.getMessage() for record in caplog.records] == said
    assert "d request 1" in expected or isinstance(raises, exceptions.AddonHalt)


async def test_settings_that_are_refused_reach_the_caller() -> None:
    master = QuickMaster(Options())
    master.addons.add(Addon("a", [], exceptions.OptionsError("no")))
    with pytest.raises(exceptions.OptionsError):
        await master.addons.trigger_event(HttpRequestHook(tflow()))


async def test_hooks_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    master = QuickMaster(Options())
    master.addons.add(Addon("a", []))
    await master.addons.trigger_event(HttpRequestHook(tflow()))
    monkeypatch.setattr(master.addons, "_iter_hooks", None)
    await master.addons.trigger_event(HttpRequestHook(tflow()))
    with pytest.raises(TypeError):
        await master.addons.trigger_event(hooks.RunningHook())
