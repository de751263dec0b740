"""What a script tells the synthetic provider to answer. Says what, not in which protocol: `framing` speaks them all."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from recorder.demo.requests import SeenRequest
from recorder.model import Headers


class Text(msgspec.Struct, frozen=True):
    """A text block."""

    text: str


class Thinking(msgspec.Struct, frozen=True):
    """A thinking block with its signature."""

    thinking: str
    signature: str = "c2lnbmF0dXJl"


class ToolCall(msgspec.Struct, frozen=True):
    """A tool_use block."""

    id: str
    name: str
    input: dict[str, Any]


type Block = Text | Thinking | ToolCall


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The usage that an answer reports; `input` excludes all cache tokens."""

    input: int = 10
    output: int = 20
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0


class Failure(msgspec.Struct, frozen=True):
    """An error: the type as the Messages protocol names it, and its message."""

    type: str = "overloaded_error"
    message: str = "Overloaded"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. Event positions count the events of the stream from 0, as the protocol of the request cuts them."""

    blocks: tuple[Block, ...] = ()
    tokens: Tokens = Tokens()
    stop_reason: str | None = None
    """None: `tool_use` when there is a tool call, else `end_turn`."""
    message_id: str | None = None
    model: str | None = None
    """None: the model that was asked for."""
    cut_chars: int = 12
    """How many characters of text, thinking or tool input one delta carries."""
    status: int = 200
    failure: Failure | None = None
    """With a status from 400: the whole answer. With 200: an error in mid-stream, before event `failure_at`."""
    failure_at: int = 3
    abort_at: int | None = None
    """The connection is reset before this event; 0 of an answer that is not streamed: before the headers."""
    gates: Mapping[int, asyncio.Event] = msgspec.field(default_factory=dict)
    """Before event n, wait for its gate; -1 stands for the head of the answer."""
    inserted: Mapping[int, dict[str, Any]] = msgspec.field(default_factory=dict)
    """Further events by their position, of types that no client knows, or pings."""
    coding: str | None = None
    """Content coding of the answer: gzip, br, zstd or deflate; a stream is flushed after each event."""
    headers: Headers = ()
    raw: tuple[str, bytes] | None = None
    """Content type and body of an answer that is no answer, in place of all the above but status and gates."""


type Script = Callable[[SeenRequest], Answer]
"""Sees a request, says what comes back. Runs in the provider's event loop: it must not block."""


def in_order(*answers: Answer) -> Script:
    """Give one answer after the other, whatever is asked; IndexError when they are used up."""
    rest = list(answers)
    return lambda _request: rest.pop(0)
