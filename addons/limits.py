"""Holds to budgets and rates: `mitmdump -s addons/audit.py -s addons/limits.py --set recorder_config=…`.

Thin: what of mitmproxy's flows a decision needs, and the refusal. `recorder.policy` says what limits mean,
`recorder.limits` decides. Works beside the audit addon alone, which asks it before a model call goes out: what was
spent is what is on record. Without limits nothing is touched. The configuration is watched: a change is in force for
the next request, whole or not at all. The budgets of the recorder's own keys are held likewise.
"""

import asyncio
import contextlib
import json
import logging
import os
from pathlib import Path
from typing import Any

from mitmproxy import connection, ctx, exceptions, http
from mitmproxy.addonmanager import Loader

from recorder.access.keys import KEY_FILE, AccessKey, key_budgets
from recorder.capture.messages import Limited
from recorder.config import Settings, config_dir, declare_options, find_file, given_options, load_options
from recorder.errors import RecorderError, told
from recorder.limits.decision import Admitted, Refused
from recorder.limits.gate import Gate
from recorder.limits.limits_file import load_limits
from recorder.limits.request import Incoming
from recorder.model import FlowClass, Labels
from recorder.policy import limits as policy
from recorder.policy.budget import Budget
from recorder.policy.spending import UNSENT
from recorder.wire.classify import provider_of
from recorder.wire.refusal import refuse, refuse_for_good

logger = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
NOTE_COMMAND = "recorder.note"
# What this and other addons say about a flow, in its metadata; see addons/audit.py.
LABELS, ROUTING, BLOCKED = "recorder_labels", "recorder_routing", "recorder_blocked"
LIMITED, KEY = "recorder_limited", "recorder_key"
AUDIT, ACCESS = "audit", "access"
"""The addons that record, and that know the recorder's own keys, by their names."""


class Limits:
    """mitmproxy addon that lets model calls through, holds them back or refuses them."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._config: Path | None = None
        self._of_file = policy.Limits()
        self._of_keys: tuple[Budget, ...] = ()
        self._limits = policy.Limits()
        """All of them."""
        self._seen: object = None
        self._seen_keys: object = None
        self._gate: Gate | None = None
        self._in_force = policy.Limits()
        self._watching: asyncio.Task[None] | None = None

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)

    def configure(self, updated: set[str]) -> None:
        """Read the limits; refuse what is wrong."""
        if not any(name.startswith("recorder_") for name in updated):
            return
        given = given_options(ctx.options)
        try:
            self._settings = load_options(given)
            self._config = find_file(Path(given["config"]) if given["config"] else None)
            self._seen = _stat(self._config)
            self._of_file = load_limits(self._config)
            self._limits = policy.with_budgets(self._of_file, self._of_keys)
        except RecorderError as error:
            raise exceptions.OptionsError(str(error)) from None

    def running(self) -> None:
        """Begin to watch the file."""
        if NOTE_COMMAND not in ctx.master.commands.commands:
            logger.error(
                "recorder: limits count what is recorded: load addons/audit.py as well; nothing is limited now"
            )
            return
        self._look_at_keys()
        self._limits = policy.with_budgets(self._of_file, self._of_keys)
        if self._limits.is_active:
            self._note(policy.Limits(), "in force at the start")
        self._watching = asyncio.create_task(self._watch(), name="recorder-limits")

    async def done(self) -> None:
        """Stop watching; close the database."""
        if self._watching:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._gate:
            await self._gate.close()

    async def admit(self, flow: http.HTTPFlow, asked: Any, run_id: str) -> None:
        """Return when a request may go; put a refusal into the flow when it may not.

        `asked` has the interaction's `id`, its `call`, and the `headers` and `body` that the client sent.
        """
        if flow.response or asked.call.flow_class is not FlowClass.MODEL:
            return
        try:
            if (key := flow.metadata.get(KEY)) is not None:
                self._know(key)
            if not self._limits.is_active:
                return
            gate = await self._ready(run_id)
            verdict = await gate.admit(self._incoming(flow, asked), lambda: _is_gone(flow))
        except Exception as error:  # noqa: BLE001 -- mitmproxy lets a request go on whose hook has raised
            self._undecided(flow, asked, error)
            return
        match verdict:
            case Admitted():
                flow.metadata[LIMITED] = self._limited(verdict)
            case Refused():
                _refuse(flow, asked, verdict)
            case None:
                flow.metadata[LIMITED] = self._limited(
                    Admitted(expected=UNSENT, notes=("its client left while it waited",))
                )
                _refuse(flow, asked, Refused(reason="The client left while this request waited for a limit."))

    def ended(self, interaction: str) -> None:
        """Take note that an interaction has ended, and that its end is on record or never will be."""
        if self._gate:
            self._gate.ended(interaction)

    async def _ready(self, run_id: str) -> Gate:
        if self._gate is None:
            self._gate = Gate(self._settings.db, run_id, self._settings.model_names)
        if self._in_force is not self._limits:
            limits = self._limits
            await self._gate.configure(limits)
            self._in_force = limits
        return self._gate

    def _incoming(self, flow: http.HTTPFlow, asked: Any) -> Incoming:
        settings, routing = self._settings, flow.metadata.get(ROUTING)
        given = Labels(user=settings.user, team=settings.team, project=settings.project)
        return Incoming(
            id=asked.id,
            at_us=int(flow.request.timestamp_start * 1e6),
            headers=asked.headers,
            body=asked.body,
            labels=flow.metadata.get(LABELS, given),
            path_model=asked.call.model,
            model_sent=routing.model if routing else None,
            host=f"{flow.request.host}:{flow.request.port}",
            provider=provider_of(flow.request.host),
        )

    def _limited(self, admitted: Admitted) -> Limited:
        expected = admitted.expected
        return Limited(
            policy=self._in_force.digest,
            usd=None if expected.usd is None else format(expected.usd, "f"),
            input_tokens=expected.input_tokens,
            output_tokens=expected.output_tokens,
            notes=admitted.notes,
        )

    def _undecided(self, flow: http.HTTPFlow, asked: Any, error: Exception) -> None:
        """As for what cannot be recorded, `on_failure` says what happens to what cannot be counted."""
        reason = told(error)
        if self._settings.on_failure == "block":
            refusal = refuse(asked.call.protocol, 503, "api_error", f"The recorder cannot ask its limits: {reason}")
            flow.response = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
            flow.metadata[BLOCKED] = f"limits: {reason}"
        else:
            logger.warning("recorder: a request went out unlimited: %s", reason)
            body = {"interaction": asked.id, "side": "limits", "policy": "pass", "reason": reason}
            ctx.master.commands.call(NOTE_COMMAND, "gap", json.dumps(body))

    async def _watch(self) -> None:
        run_id = await ctx.master.addons.get(AUDIT).ready()
        if run_id and self._limits.is_active:
            with contextlib.suppress(RecorderError):  # the first request tells
                await self._ready(run_id)
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            with contextlib.suppress(OSError):
                self._look()
            if run_id and self._gate and self._in_force is not self._limits:
                # Those who wait are told as well, and not the next one only.
                with contextlib.suppress(RecorderError):
                    await self._ready(run_id)

    def _look(self) -> None:
        """Read the files again that changed."""
        self._look_at_file()
        self._look_at_keys()
        new, old = policy.with_budgets(self._of_file, self._of_keys), self._limits
        if new.digest != old.digest:
            self._limits = new
            self._note(old, "changed")

    def _look_at_file(self) -> None:
        if (seen := _stat(self._config)) == self._seen:
            return
        self._seen = seen
        try:
            self._of_file = load_limits(self._config)
        except RecorderError as error:
            logger.error("recorder: the limits in force stay: %s", error)  # noqa: TRY400 -- for the user

    def _look_at_keys(self) -> None:
        if ctx.master.addons.get(ACCESS) is None:
            return
        folder = config_dir()
        if (seen := _stat(folder / KEY_FILE)) == self._seen_keys:
            return
        self._seen_keys = seen
        try:
            self._of_keys = key_budgets(folder)
        except RecorderError as error:
            logger.error("recorder: the budgets of keys stay: %s", error)  # noqa: TRY400 -- for the user

    def _know(self, key: AccessKey) -> None:
        """See that the budget of a key is in force that may have been made a moment ago."""
        if key.limit != next((one for one in self._of_keys if one.scope.when == (("key", (key.id,)),)), None):
            self._look()

    def _note(self, old: policy.Limits, what: str) -> None:
        changed = ", ".join(policy.limit_changes(old, self._limits)) or "nothing"
        logger.info("recorder: limits %s: %s", what, changed)
        body = {"what": f"limits {what}", "changed": changed, "policy": self._limits.digest}
        ctx.master.commands.call(NOTE_COMMAND, "config", json.dumps(body))


def _refuse(flow: http.HTTPFlow, asked: Any, refused: Refused) -> None:
    """Answer so that the client shows it: at once, or, when it may try again soon, then."""
    protocol = asked.call.protocol
    if refused.retry_seconds is None:
        refusal = refuse_for_good(protocol, 402, "billing_error", refused.reason)
    else:
        refusal = refuse(protocol, 429, "rate_limit_error", refused.reason)
    flow.response = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
    if refused.retry_seconds is not None:
        flow.response.headers["retry-after"] = str(refused.retry_seconds)
    flow.metadata[BLOCKED] = refused.reason


def _is_gone(flow: http.HTTPFlow) -> bool:
    # mitmproxy tells a flow that its client has left when its hooks are done; the connection knows at once.
    return flow.error is not None or not flow.client_conn.state & connection.ConnectionState.CAN_READ


def _stat(path: Path | None) -> object:
    if path is None:
        return None
    try:
        found = os.stat(path)  # noqa: PTH116 -- one call a second, kept light
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


addons = [Limits()]
