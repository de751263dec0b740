"""One call between a client and a provider that speak different protocols: the answer's way back.

What mitmproxy has to do with it: the head of the answer, its body in one piece, or its stream. `recorder.translate`
translates. A stream goes on event by event. While Bedrock is silent, which has no pings, the client gets some:
mitmproxy has no hook for the passing of time in a stream, so the layer of the stream is handed an event of our own, in
the way in which it is told that a wait is over. That reaches inside mitmproxy; where it is not as expected there are no
pings.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from mitmproxy import ctx, http
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import HttpLayer, HttpStream
from mitmproxy.proxy.layers.http._events import ResponseData

from recorder.model import Headers
from recorder.translate.answer import Exchange, Head, translate_body, translate_head
from recorder.translate.failures import Failed
from recorder.translate.streams import StreamTranslator
from recorder.wire.coding import StreamDecoder, decode_body

logger = logging.getLogger(__name__)

MOST_DECODED_BYTES = 512_000_000

type Keep = Callable[[bytes], bytes]
"""Remembers bytes, and returns them."""


def forget(data: bytes) -> bytes:
    """Remember nothing."""
    return data


class Translating:
    """The answer to one translated request."""

    def __init__(self, flow: http.HTTPFlow, exchange: Exchange, ping_seconds: float) -> None:
        self.exchange = exchange
        self.headers: Headers = ()
        """Of the provider's answer, as they came."""
        self.status = 0
        self._flow = flow
        self._ping_seconds = ping_seconds
        self._whole: Head | None = None
        self._keep_whole: Keep = forget

    def begin(self, keep_provided: Keep = forget, keep_given: Keep = forget) -> bool:
        """Translate the head of an answer; return False when its body comes in one piece, for `end` to translate.

        Each piece of a stream is shown to the two functions, as the provider sent it and as the client gets it.
        """
        response = self._flow.response
        assert response
        self.status, self.headers = response.status_code, _headers(response)
        head = translate_head(self.exchange, self.status, self.headers)
        if head.stream is None:  # other addons may want to see how the provider said it
            self._whole, self._keep_whole = head, keep_provided
            response.stream = False
            return False
        _change(response, head.headers)
        coding = response.headers.pop("content-encoding", None)
        response.headers.pop("content-length", None)
        stream = _Stream(head.stream, coding, keep_provided, keep_given)
        response.stream = stream.take
        if head.stream.ping:
            self._pinging = asyncio.create_task(_ping(self._flow, stream, self._ping_seconds), name="recorder-ping")
        return True

    def end(self) -> None:
        """Translate an answer's body that came in one piece."""
        response = self._flow.response
        if self._whole is None or response is None:
            return
        _change(response, self._whole.headers)
        coding = response.headers.pop("content-encoding", None)
        raw = response.raw_content or b""
        self._keep_whole(raw)
        body = decode_body(raw, coding, MOST_DECODED_BYTES).data
        found = _translated(self.exchange, self.status, self.headers, body)
        response.status_code = found.status
        _change(response, found.headers)
        response.content = found.body


def _translated(exchange: Exchange, status: int, headers: Headers, body: bytes) -> Failed:
    try:
        return translate_body(exchange, status, headers, body)
    except Exception as error:  # noqa: BLE001 -- the client must have an answer, and a record of what came is kept
        logger.warning("recorder: an answer was not translated: %s", type(error).__name__)
        return Failed(status, (), body)


class _Stream:
    """What mitmproxy calls with each chunk. It must not raise: mitmproxy would leave the client without an end."""

    def __init__(self, translator: StreamTranslator, coding: str | None, keep_provided: Keep, keep_given: Keep) -> None:
        self._translator = translator
        self._decoder = StreamDecoder(coding, MOST_DECODED_BYTES)
        self._keep_provided = keep_provided
        self._keep_given = keep_given
        self.given = 0
        """How often the client was given something."""
        self.is_over = False

    def take(self, data: bytes) -> list[bytes]:
        """Take a chunk, nothing at the end of the stream; give what the client gets: never an empty chunk."""
        if isinstance(data, _Tick):
            return self._give(self._translator.ping)
        if data:
            self._keep_provided(data)
        try:
            return self._give(self._fed(data))
        except Exception as error:  # noqa: BLE001 -- see above
            logger.warning("recorder: a stream was not translated: %s", type(error).__name__)
            return []

    def _fed(self, data: bytes) -> bytes:
        if data:
            return self._translator.feed(self._decoder.feed(data))
        self.is_over = True
        return self._translator.feed(self._decoder.finish()) + self._translator.finish()

    def _give(self, data: bytes) -> list[bytes]:
        self.given += 1 if data else 0
        self._keep_given(data)
        return [data] if data else []


class _Tick(bytes):
    """In the place of a chunk: the provider has been silent for a while."""


class _Wait(commands.Command):
    """Stands for the wait that is over."""


class _Waited(events.CommandCompleted, ResponseData):
    """Told to the layer of a stream as the end of a wait, and taken by it as a chunk."""

    command: _Wait

    def __init__(self, command: _Wait, stream_id: int) -> None:
        self.command = command
        self.reply = None
        self.stream_id = stream_id
        self.data = _Tick()


async def _ping(flow: http.HTTPFlow, stream: _Stream, seconds: float) -> None:
    """Give the client a ping whenever it has got nothing for a while, until the answer is over."""
    seen = stream.given
    while not stream.is_over and flow.error is None and flow.client_conn.connected:
        await asyncio.sleep(seconds)
        if stream.given == seen and not stream.is_over and not await _tick(flow):
            return
        seen = stream.given


async def _tick(flow: http.HTTPFlow) -> bool:
    """Call the stream's callable between two chunks; return False when mitmproxy is not as expected."""
    try:
        handler: Any = ctx.master.addons.get("proxyserver").connections.get(flow.client_conn.id)
        found = _layers(handler, flow) if handler else None
        if found is None:
            return False
        http_layer, layer = found
        if layer.server_state == layer.state_stream_response_body:
            wait = _Wait()
            http_layer.command_sources[wait] = layer
            await handler.server_event(_Waited(wait, layer.stream_id))
    except (AttributeError, TypeError, KeyError) as error:
        logger.warning("recorder: no pings while a provider is silent, mitmproxy is not as expected: %r", error)
        return False
    return True


def _layers(handler: Any, flow: http.HTTPFlow) -> tuple[HttpLayer, HttpStream] | None:
    layers = [layer for layer in handler.layer.context.layers if isinstance(layer, HttpLayer)]
    streams = ((layer, stream) for layer in layers for stream in layer.streams.values())
    return next(((layer, stream) for layer, stream in streams if getattr(stream, "flow", None) is flow), None)


def _change(response: http.Response, headers: Iterable[tuple[str, str | None]]) -> None:
    for name, value in headers:
        if value is None:
            response.headers.pop(name, None)
        else:
            response.headers[name] = value


def _headers(response: http.Response) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.fields)
