"""Records every model interaction: `mitmdump -s addons/audit.py --mode reverse:https://api.anthropic.com`.

Thin: options, hooks, and what of mitmproxy's flows the record needs. Forwarded bytes are never touched;
`recorder.capture.exchange` says when an answer has to wait, and what happens when it cannot be recorded.
"""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Coroutine

from faster import Faster
from joining import Joining
from mitmproxy import command, connection, ctx, exceptions, http
from mitmproxy.addonmanager import Loader
from option_checks import quiet_flow_lines, refuse_unknown, tell_repeated
from recorded import BLOCKED, Asked, Recording, headers_of
from whole import refuse_streaming

from recorder.capture.outcome import Outcome
from recorder.capture.run import GRACE_SECONDS, Run, known_values
from recorder.config import Settings, declare_options, given_options, load_options
from recorder.errors import RecorderError, told
from recorder.ledger.kinds import RecordKind
from recorder.model import FlowClass, Protocol
from recorder.wire.classify import classify
from recorder.wire.refusal import refuse, refuse_for_good

logger = logging.getLogger(__name__)


class Audit:
    """mitmproxy addon that hands every model call to the recorder."""

    def __init__(self, *, release_bodies: bool = False) -> None:
        """`release_bodies`: forget a request's body once it is on the record; no other addon may need it then."""
        self._release_bodies = release_bodies
        self._run: Run | None = None
        self._starting: asyncio.Task[None] | None = None
        self._passed = 0
        self._refused: dict[str, int] = {}
        self._noting: set[asyncio.Task[None]] = set()
        self._recordings: dict[str, Recording] = {}
        self._idle = asyncio.Event()

    def load(self, loader: Loader) -> None:
        """Declare the options; what is not given comes from recorder.toml and the environment."""
        tell_repeated()
        declare_options(loader.add_option)

    def configure(self, updated: set[str]) -> None:
        """Refuse wrong settings; they are read once, at the start."""
        refuse_streaming(updated)
        if not any(name.startswith("recorder_") for name in updated):
            return
        if self._run is not None:
            raise exceptions.OptionsError("recorder_* options are read at the start: stop the proxy, start it anew")
        try:
            _settings()
        except RecorderError as error:
            raise exceptions.OptionsError(str(error)) from None

    def running(self) -> None:
        """Open the record; until it is open, model calls wait in their own hooks."""
        self._starting = asyncio.create_task(self._start(), name="recorder-start")
        quiet_flow_lines()

    async def _start(self) -> None:
        try:
            refuse_unknown()
            run = Run(_settings())
            await run.start()
        except RecorderError as error:
            logger.error("recorder: %s", error)  # noqa: TRY400 -- for the user, who needs no traceback
            # A proxy that cannot record must not look like one that does.
            asyncio.get_running_loop().call_soon(sys.exit, 1)
        else:
            self._run = run
            logger.info("recorder: recording to %s", run.db)

    async def ready(self) -> str | None:
        """Return the id of the run once the record is open; None when it cannot be opened."""
        if self._run is None and self._starting is not None:
            await asyncio.wait([self._starting])
        return self._run.id if self._run else None

    async def request(self, flow: http.HTTPFlow) -> None:
        """Start the record of a model call while its request travels on."""
        await self._guarded(flow, "request", self._open(flow))

    async def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Hold the answer back until its request is on the record, then let each chunk pass as it comes."""
        await self._guarded(flow, "request", self._let_through(flow))

    async def response(self, flow: http.HTTPFlow) -> None:
        """Hold the end of the answer back until the answer is on the record."""
        await self._guarded(flow, "answer", self._close(flow))

    async def error(self, flow: http.HTTPFlow) -> None:
        """Record how far the exchange came before it broke."""
        if (recording := self._recordings.get(flow.id)) is None:
            return
        detail = flow.error.msg if flow.error else ""
        await self._guarded(flow, "answer", self._break_off(flow, recording, detail))

    async def _open(self, flow: http.HTTPFlow) -> None:
        if flow.response is not None:
            return
        call = classify(flow.request.method, flow.request.host, flow.request.path)
        asked = Asked(flow.request, call)
        if ROUTE_COMMAND in ctx.master.commands.commands:
            # Whichever addon was loaded first: what the client sent is kept before it is sent elsewhere.
            await ctx.master.commands.call(ROUTE_COMMAND, flow)
        if call.flow_class is FlowClass.OTHER:
            self._passed += 1
            return
        await self.ready()
        if self._run is None:
            _refuse(flow, call.protocol, "it is not recording yet, try again")
            return
        if (limits := ctx.master.addons.get(LIMITS)) is not None:
            await limits.admit(flow, asked, self._run.id)
        recording = self._recordings[flow.id] = Recording(flow, self._run, asked)
        if not self._run.healthy and (reason := await recording.exchange.opened()):
            self._forget(flow)
            _refuse(flow, call.protocol, reason)
        elif self._run.outbound == "block":
            await self._hold(flow, recording)

    async def _hold(self, flow: http.HTTPFlow, recording: Recording) -> None:
        """Let a request out once it is known to carry no secret."""
        if reason := await recording.exchange.opened():
            self._forget(flow)
            _refuse(flow, recording.call.protocol, reason)
        elif reason := await recording.exchange.leak():
            await recording.close(Outcome.OUTBOUND, reason)
            self._forget(flow)
            _refuse(flow, recording.call.protocol, reason, for_good=True)

    async def _let_through(self, flow: http.HTTPFlow) -> None:
        assert flow.response
        recording = self._recordings.get(flow.id)
        if recording is None:
            flow.response.stream = True
            return
        if reason := await recording.exchange.opened():
            self._forget(flow)
            _refuse(flow, recording.call.protocol, reason)
            return
        if self._release_bodies:
            flow.request.data.content = None
        if recording.translating is not None and BLOCKED not in flow.metadata:
            recording.translating.begin(recording.provided.keep, recording.tee.keep)
        elif _is_streamed(flow.response):
            is_kept = recording.call.flow_class is FlowClass.MODEL
            flow.response.stream = recording.tee.keep if is_kept else recording.tee.measure
            if is_kept and self._run:
                self._run.follow(
                    recording.exchange, recording.tee, flow.response.status_code, headers_of(flow.response)
                )

    async def _close(self, flow: http.HTTPFlow) -> None:
        assert flow.response
        if (refusal := flow.metadata.get(REFUSAL)) is not None:
            flow.response.content = refusal  # an answer without a body would have emptied it
        if (recording := self._recordings.get(flow.id)) is None:
            return
        if recording.translating is not None:
            recording.translating.end()
        if not recording.tee.on_wire and flow.response.raw_content:
            recording.tee.hold(flow.response.raw_content)
        blocked = flow.metadata.get(BLOCKED)
        reason = await recording.close(Outcome.BLOCKED if blocked else Outcome.ANSWERED, blocked or "")
        self._forget(flow)
        if reason and recording.tee.on_wire:
            flow.kill()  # the client has the answer but not its end, and will not take it for whole
        elif reason:
            _refuse(flow, recording.call.protocol, reason)

    async def _break_off(self, flow: http.HTTPFlow, recording: Recording, detail: str) -> None:
        await recording.close(_broken(flow), detail)
        self._forget(flow)

    async def _guarded(self, flow: http.HTTPFlow, side: str, work: Coroutine[None, None, None]) -> None:
        """Do the work of a hook. mitmproxy would let a flow go on whose hook has raised, and print what it raised."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 -- whatever it was, it must not go by in silence
            reason = f"it failed ({told(error)})"
            logger.error("recorder: %s of a model call: %s", side, reason)  # noqa: TRY400 -- a traceback may quote it
            await self._fail(flow, side, reason)

    async def _fail(self, flow: http.HTTPFlow, side: str, reason: str) -> None:
        """What of a flow could not be looked at cannot be recorded: `on_failure` says what becomes of it."""
        recording, run = self._recordings.get(flow.id), self._run
        blocks = run is None or run.blocks
        if run is not None:
            id_ = recording.exchange.opening.id if recording else None
            policy = "block" if blocks else "pass"
            run.note(RecordKind.GAP, {"interaction": id_, "side": side, "policy": policy, "reason": reason})
        if recording is not None:
            with contextlib.suppress(Exception):  # what ends there is closed as lost at the next start
                await recording.close(Outcome.BLOCKED if blocks else Outcome.UNRECORDED, reason)
        self._forget(flow)
        if flow.error is not None:
            return  # it broke off already, and nothing of it can be refused
        if blocks and recording is not None and recording.tee.on_wire:
            flow.kill()
        elif blocks:
            _refuse(flow, recording.call.protocol if recording else None, reason)
        elif flow.response is not None and side == "request":
            flow.response.stream = True

    async def done(self) -> None:
        """Let what is under way finish, within reason; record the rest as interrupted; close the record."""
        if self._run is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                while self._recordings:
                    self._idle.clear()
                    await self._idle.wait()
        rest, self._recordings = self._recordings, {}
        await asyncio.gather(*(recording.close(Outcome.SHUTDOWN) for recording in rest.values()))
        await asyncio.gather(*self._noting)
        run, self._run = self._run, None
        await run.stop(self._passed, sum(self._refused.values()))

    @command.command("recorder.note")  # type: ignore[untyped-decorator] # mitmproxy's
    def note(self, kind: str, body: str) -> None:
        """Record something that another addon did; `body` is a JSON object that holds no wire content."""
        task = asyncio.create_task(self._note(RecordKind(kind), json.loads(body)))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    @command.command("recorder.refused")  # type: ignore[untyped-decorator] # mitmproxy's
    def refused(self, reason: str) -> None:
        """Count a request that another addon refused; the first one for each reason is a record."""
        self._refused[reason] = self._refused.get(reason, 0) + 1
        if self._refused[reason] == 1:
            self.note(RecordKind.REFUSED, json.dumps({"reason": reason}))

    async def _note(self, kind: RecordKind, body: dict[str, int | str | None]) -> None:
        await self.ready()
        if self._run is not None:
            self._run.note(kind, body)

    def _forget(self, flow: http.HTTPFlow) -> None:
        recording = self._recordings.pop(flow.id, None)
        self._idle.set()
        if recording and (limits := ctx.master.addons.get(LIMITS)) is not None:
            limits.ended(recording.exchange.opening.id)


REFUSAL = "recorder_refusal"
ROUTE_COMMAND = "recorder.route"
LIMITS = "limits"
"""The addon that lets requests through, by its name; see addons/limits.py."""


def _refuse(flow: http.HTTPFlow, protocol: Protocol | None, reason: str, *, for_good: bool = False) -> None:
    """Put an error of the recorder's own, in the protocol's form, in the place of an answer."""
    said = f"The audit recorder refused this request: {reason}"
    if for_good:
        refusal = refuse_for_good(protocol, 400, "invalid_request_error", said)
    else:
        refusal = refuse(protocol, 503, "api_error", said)
    answer = http.Response.make(refusal.status, refusal.body, dict(refusal.headers))
    rest = [refusal.body]
    # Whatever the provider still sends is replaced: the refusal in the place of the first chunk, then nothing.
    answer.stream = lambda _: [rest.pop()] if rest else []
    flow.response = answer
    flow.metadata[REFUSAL] = refusal.body


def _is_streamed(response: http.Response) -> bool:
    # An answer framed by its length is whole with its last byte, which must wait for the record: mitmproxy holds
    # it together and delivers it in one piece. Everything else passes chunk by chunk, and only its end waits.
    return "content-length" not in response.headers


def _broken(flow: http.HTTPFlow) -> Outcome:
    if flow.client_conn.state is connection.ConnectionState.CLOSED or not flow.client_conn.connected:
        return Outcome.CLIENT_ABORT
    if flow.response is None and flow.server_conn.timestamp_tcp_setup is None:
        return Outcome.CONNECT_FAILED
    return Outcome.UPSTREAM_ABORT


def _settings() -> Settings:
    settings = load_options(given_options(ctx.options))
    known_values(settings.redact)  # a wrong rule is refused before anything listens
    return settings


addons = [Audit(), Joining(), Faster()]
