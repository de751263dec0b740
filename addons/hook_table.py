"""mitmproxy's addon manager with a memory: who has a hook is looked up once for each hook, not for each event.

mitmproxy asks every addon for every event whether it has such a hook, and after each event of a flow once more for
`update`. Nothing else differs: the order, what becomes of an error, and that `AddonHalt` ends an event.
"""

import inspect
from collections.abc import Callable
from typing import Any

from mitmproxy import exceptions, flow, hooks
from mitmproxy.addonmanager import AddonManager, safecall
from mitmproxy.master import Master
from mitmproxy.options import Options

type _Hooks = tuple[Callable[..., Any], ...]


class HookTable(AddonManager):
    """An addon manager for addons that neither change their hooks nor their addons within."""

    def __init__(self, master: Master) -> None:
        super().__init__(master)  # type: ignore[no-untyped-call]
        self._table: dict[str, _Hooks] = {}
        self._table_of: list[object] = []
        """The chain of addons that the table was made for."""

    async def handle_lifecycle(self, event: hooks.Hook) -> None:
        """Trigger a hook, and `update` for what concerns a flow."""
        await self.trigger_event(event)
        message = event.args()[0]
        if isinstance(message, flow.Flow) and self._hooks(update := hooks.UpdateHook([message])):
            await self.trigger_event(update)

    async def trigger_event(self, event: hooks.Hook) -> None:
        """Call a hook of all addons, one after the other."""
        arguments = event.args()
        for hook in self._hooks(event):
            try:
                result = hook(*arguments)
                if result is not None and inspect.isawaitable(result):
                    await result
            except exceptions.AddonHalt:
                return
            except Exception:
                with safecall():
                    raise

    def _hooks(self, event: hooks.Hook) -> _Hooks:
        if self._table_of != self.chain:
            self._table_of = [*self.chain]
            self._table = {}
        if (found := self._table.get(event.name)) is None:
            found = tuple(hook for addon in self.chain for _, hook in self._iter_hooks(addon, event))
            self._table[event.name] = found
        return found


class QuickMaster(Master):
    """A master whose addon manager remembers hooks."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.addons = HookTable(self)
