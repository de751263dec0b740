"""Signs in at upstreams with credentials of the recorder's own: `mitmdump -s addons/route.py -s addons/credentials.py`.

Thin: `recorder.credentials` finds, keeps and renews them. The routing addon asks for what a request is sent with, when
it knows where that goes (`[upstream.NAME] auth = ...`). A credential that an upstream refuses is renewed; mitmproxy
cannot send a request twice and stream the second answer, so the refusal goes to the client marked `x-should-retry`,
which Claude Code and Anthropic's libraries obey, but only when there is another credential to try with.
"""

import logging
from typing import Any

from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader

from recorder.config import declare_options
from recorder.credentials.aws import Signable
from recorder.credentials.source import Given, Source, make_source
from recorder.policy.auth import Auth
from recorder.policy.upstream import Upstream

logger = logging.getLogger(__name__)

BLOCKED, REFUSAL = "recorder_blocked", "recorder_refusal"
"""In the metadata of a flow that an addon of ours has answered itself."""
_REFUSALS = {401: None, 403: "ExpiredTokenException,UnrecognizedClientException,InvalidSignatureException"}
"""Statuses that refuse a credential; AWS says it with 403, which refuses other things as well, and an error's type."""


class Credentials:
    """mitmproxy addon; does nothing unless an upstream has `auth`."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[Auth, str, Source]] = {}
        self._given: dict[str, tuple[Source, Any]] = {}
        """What the requests under way were sent with, by the flow's id."""

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)

    def running(self) -> None:
        """Say so when nobody asks."""
        if ctx.master.addons.get("route") is None:
            logger.error(
                "recorder: credentials.py does nothing without route.py; load that as well: -s addons/route.py"
            )

    async def sign_in(self, flow: http.HTTPFlow, upstream: Upstream) -> Given:
        """Return what a request is sent with. Raises CredentialError."""
        assert upstream.auth
        source = self._source(upstream, upstream.auth)
        given = await source.give(_signable(flow.request))
        self._given[flow.id] = source, given.mark
        return given

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Renew what was refused; have the client ask again when that may help."""
        assert flow.response
        if (given := self._given.pop(flow.id, None)) is None:
            return
        if BLOCKED in flow.metadata or REFUSAL in flow.metadata:
            return
        source, mark = given
        if not _is_refused(flow.response):
            source.accepted()
        elif await source.refused(mark):
            logger.info("recorder: a credential was refused and has been renewed")
            flow.response.headers["x-should-retry"] = "true"

    def error(self, flow: http.HTTPFlow) -> None:
        """Forget the flow."""
        self._given.pop(flow.id, None)

    def _source(self, upstream: Upstream, auth: Auth) -> Source:
        known = self._sources.get(upstream.name)
        if known is None or known[:2] != (auth, upstream.host):
            known = self._sources[upstream.name] = auth, upstream.host, make_source(upstream, auth)
        return known[2]


def _is_refused(response: http.Response) -> bool:
    if response.status_code not in _REFUSALS:
        return False
    kinds = _REFUSALS[response.status_code]
    said = response.headers.get("x-amzn-errortype", "").partition(":")[0]
    return kinds is None or (said != "" and said in kinds.split(","))


def _signable(request: http.Request) -> Signable:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.fields)
    return Signable(method=request.method, url=request.url, headers=headers, body=request.raw_content or b"")


addons = [Credentials()]
