"""Asks for the recorder's own keys: `mitmdump -s addons/guard.py -s addons/audit.py -s addons/access.py …`.

Thin: `recorder.access` knows the keys. A listener that other machines reach needs one from everybody, any listener does
with `require_key`; elsewhere a key that comes along says whose a request is. It goes no further than here. Comes behind
the audit addon, so that the record learns which value must not be in it.
"""

import logging
import weakref

from mitmproxy import connection, ctx, exceptions, http
from mitmproxy.addonmanager import Loader
from whole import refuse_streaming

from recorder.access.keys import AccessKey, Keyring, now_utc
from recorder.access.presented import carriers, presented
from recorder.config import config_dir, declare_options, given_options, load_options
from recorder.errors import RecorderError, told
from recorder.model import Headers, Labels
from recorder.policy.address import is_loopback_name
from recorder.wire.classify import classify
from recorder.wire.refusal import refuse_for_good

logger = logging.getLogger(__name__)

REFUSED_COMMAND = "recorder.refused"
LIMITS = "limits"
"""The addon that holds budgets, by its name."""
KEY, LABELS = "recorder_key", "recorder_labels"
"""In a flow's metadata: the key that it came with, for other addons; its labels, for the record."""


class Access:
    """mitmproxy addon."""

    def __init__(self) -> None:
        self._keyring = Keyring(config_dir())
        self._is_required = False
        self._labels = Labels()
        self._tunnels: weakref.WeakKeyDictionary[connection.Client, str] = weakref.WeakKeyDictionary()
        """Clients of a forward proxy show their key when they ask for a tunnel, and not within."""

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)

    def configure(self, updated: set[str]) -> None:
        """Read what is required; refuse a file of keys that cannot be used."""
        refuse_streaming(updated)
        if not any(name.startswith("recorder_") for name in updated):
            return
        try:
            settings = load_options(given_options(ctx.options))
            _ = self._keyring.is_empty
        except RecorderError as error:
            raise exceptions.OptionsError(str(error)) from None
        self._is_required = settings.require_key
        self._labels = Labels(user=settings.user, team=settings.team, project=settings.project)

    def http_connect(self, flow: http.HTTPFlow) -> None:
        """Remember whose a tunnel is."""
        if self._admit(flow) and (text := presented(_headers(flow.request))):
            self._tunnels[flow.client_conn] = text

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Refuse a request without a key before anything of it goes anywhere; note whose it is."""
        self._admit(flow)

    def request(self, flow: http.HTTPFlow) -> None:
        """Take the key out."""
        for name in carriers(_headers(flow.request)):
            flow.request.headers.pop(name, None)

    def _admit(self, flow: http.HTTPFlow) -> AccessKey | None:
        """Find the key that a request brings, or refuse it; None when it brings none and needs none."""
        if flow.response is not None:
            return None
        try:
            text = presented(_headers(flow.request)) or self._tunnels.get(flow.client_conn)
            if text is None:
                if self._needs_key(flow):
                    _refuse(flow, "it has no key of this recorder; see `recorder keys create`")
                return None
            key = self._keyring.find(text)
        except Exception as error:  # noqa: BLE001 -- mitmproxy lets a request go on whose hook has raised
            logger.error("recorder: %s", told(error))  # noqa: TRY400 -- for the user
            _refuse(flow, "the recorder's keys cannot be read")
            return None
        if key is None or key.state(now_utc()) != "valid":
            _refuse(flow, f"its key is {'not known here' if key is None else key.state(now_utc())}")
            return None
        if key.budget is not None and ctx.master.addons.get(LIMITS) is None:
            _refuse(flow, "its key has a budget, which addons/limits.py is needed for")
            return None
        self._note(flow, key)
        return key

    def _note(self, flow: http.HTTPFlow, key: AccessKey) -> None:
        flow.metadata[KEY] = key
        flow.metadata[LABELS] = key.applied_to(self._labels)

    def _needs_key(self, flow: http.HTTPFlow) -> bool:
        if self._is_required:
            return True
        listens_on = flow.client_conn.proxy_mode.listen_host(ctx.options.listen_host)
        return not is_loopback_name(listens_on) and not (self._keyring.is_empty and _is_open())


def _is_open() -> bool:
    """Whether it was said that others may use a listener without a key."""
    guard = ctx.master.addons.get("guard")
    return guard is not None and guard.allow_remote


def _headers(request: http.Request) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.fields)


def _refuse(flow: http.HTTPFlow, reason: str) -> None:
    protocol = classify(flow.request.method, "", flow.request.path).protocol
    refusal = refuse_for_good(
        protocol, 401, "authentication_error", f"The audit recorder refused this request: {reason}"
    )
    flow.response = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
    if REFUSED_COMMAND in ctx.master.commands.commands:
        ctx.master.commands.call(REFUSED_COMMAND, "key")
    else:
        logger.warning("recorder: refused a request: %s", reason)


addons = [Access()]
