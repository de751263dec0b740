"""What crosses from the proxy's process to the writer's, and back.

A frame is `u32 meta length | u64 body length | meta | body`, big-endian; `meta` is one of the structs below in
MessagePack, `body` the bytes of a request or an answer as they were on the wire. Everything here is raw: it lives in
memory and in this socket pair, and nowhere else.
"""

import struct
from array import array
from collections.abc import Iterable
from typing import Any

import msgspec

from recorder.config import RedactSettings
from recorder.model import Credential, Headers, Labels, OutboundSecret
from recorder.translate.stripping import Dropped
from recorder.wire.answer import Chunk

HEADER = struct.Struct("!IQ")


class Hello(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """The first frame: which database, whose run, and what its predecessor had learned."""

    db: str
    run_id: str
    config_dir: str
    cache_dir: str
    state_dir: str | None = None
    """Where the newest checkpoint is kept a second time; None: nowhere."""
    started_us: int
    version: str
    on_failure: str
    project: str | None = None
    user: str | None = None
    team: str | None = None
    branch: str | None = None
    model_names: dict[str, str] = {}
    redact: RedactSettings = RedactSettings()
    heartbeat_seconds: float = 300.0
    settings: dict[str, Any] = {}
    """What is recorded of the settings in force; beside it `config`, a hash of all of them."""
    config: str | None = None
    frame_seconds: float = 10.0
    memory_mb: int = 4096
    known: tuple[Credential, ...] = ()
    """The values that the configuration names, and what a writer that went before has learned."""
    resumed: bool = False
    """True when a writer of the same run went before and died."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request goes, as it stands on the wire."""

    method: str
    scheme: str
    host: str
    port: int
    path: str


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """An upstream that a request was to go to and could not."""

    upstream: str
    why: str


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed about a request on its way, by a policy that the user wrote."""

    policy: str
    """The policy's hash."""
    rule: str | None = None
    """The rule that fired; None: the request went where it would have gone anyway."""
    upstream: str | None = None
    url: str
    """Where it went in the end."""
    model: str | None = None
    """The model's name there, when it is another one."""
    headers: Headers = ()
    """Headers that were set; their values may be secrets."""
    removed: tuple[str, ...] = ()
    """Names of headers that were taken out."""
    secrets: tuple[Credential, ...] = ()
    """What the recorder signed in with: not to be recorded wherever it appears from now on."""
    protocol: str | None = None
    """The upstream's protocol, when the request was put into another one than the client's."""
    dropped: tuple[Dropped, ...] = ()
    """What could not be carried over into it."""
    passed: tuple[Passed, ...] = ()
    """Upstreams before this one that could not be asked: no credential, or not in their protocol."""


class Limited(msgspec.Struct, frozen=True, kw_only=True):
    """What budgets and rates let a request through with."""

    policy: str
    """The limits' hash."""
    usd: str | None = None
    """What it is expected to cost, exact decimal; None: its model has no known price."""
    input_tokens: int
    output_tokens: int
    notes: tuple[str, ...] = ()
    """Warnings, and what it had to wait for."""


class SentOn(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider was sent in the place of the client's request, in another protocol."""

    headers: Headers
    body_bytes: int
    """Its body stands behind the client's in the frame."""


class Provided(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider answered in another protocol than the client's."""

    target: Target
    status: int
    headers: Headers
    body_bytes: int
    """Its body stands behind the client's answer in the frame."""
    model: str | None = None
    """The model's name there."""


class Open(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A request arrived; the frame's body is its body as received."""

    id: str
    at_us: int
    """UTC, microseconds since the epoch, when the request's first byte arrived."""
    target: Target
    headers: Headers
    wire_bytes: int
    """The size of the request's body, which a support call's frame does not carry."""
    withhold: str | None = None
    """Why its content is not to be looked at; the frame comes without its body then."""
    labels: Labels | None = None
    """None: those of the run."""
    routing: Routing | None = None
    limited: Limited | None = None
    sent: SentOn | None = None
    """None: the provider was sent what the client sent, but for what the routing says."""


class Chunks(msgspec.Struct, frozen=True, array_like=True):
    """Time and size of each chunk of a body as the proxy notes them: it has no need of an object for each.

    The times are nanoseconds of the clock that showed `began_ns`; both are packed as `array("q")` does.
    """

    began_ns: int = 0
    times_ns: bytes = b""
    sizes: bytes = b""

    @classmethod
    def of(cls, *chunks: Chunk) -> "Chunks":
        """Pack chunks."""
        times, sizes = (
            array("q", [chunk.at_us * 1000 for chunk in chunks]),
            array("q", [chunk.size for chunk in chunks]),
        )
        return cls(0, times.tobytes(), sizes.tobytes())

    def unpacked(self) -> tuple[Chunk, ...]:
        """Return the chunks."""
        times, sizes, began = array("q", self.times_ns), array("q", self.sizes), self.began_ns
        return tuple([Chunk((at - began) // 1000, size) for at, size in zip(times, sizes, strict=True)])


class Close(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """An exchange ended; the frame's body is what came back, as received."""

    id: str
    started_us: int
    target: Target
    outcome: str
    """`answered`, or why there is no whole answer: see `recorder.capture.outcome`."""
    detail: str = ""
    status: int | None = None
    headers: Headers = ()
    chunks: Chunks = Chunks()
    ttft_us: int | None = None
    duration_us: int
    wire_bytes: int = 0
    withhold: str | None = None
    """As in `Open`."""
    provided: Provided | None = None
    """None: the client got what the provider gave."""


class Progress(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """An answer is under way; the frame's body is what came of it since the message before, as received."""

    id: str
    target: Target
    status: int
    headers: Headers
    chunks: Chunks
    ttft_us: int | None = None
    offset: int
    """How many bytes of the answer went before; 0 starts over."""


class Note(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Something to record beside interactions; `body` is made by the recorder itself and holds no wire content."""

    kind: str
    at_us: int
    body: dict[str, int | str | dict[str, int] | None]


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """The writer's answer to the frame number `number` (from 0, per connection): durable, or why not."""

    number: int
    error: str | None = None
    learned: tuple[Credential, ...] = ()
    """Credentials that this frame brought up; the proxy keeps them for the writer's successor."""
    outbound: tuple[OutboundSecret, ...] = ()
    """Secrets that this request would carry out, as its record names them."""
    unchecked: bool = False
    """Its content was withheld: what it would carry out is not known."""
    loading: bool = False
    """Of the greeting: detectors are being made still. Another one without it tells that they are ready."""


type Message = Hello | Open | Close | Progress | Note

_encode = msgspec.msgpack.Encoder().encode
_decode_message = msgspec.msgpack.Decoder(Hello | Open | Close | Progress | Note).decode
_decode_ack = msgspec.msgpack.Decoder(Ack).decode


def pack(message: Message | Ack, body_bytes: int = 0) -> bytes:
    """Return a frame without its body, which the caller sends right behind it.

    What is no text in it, a path of any bytes for one, is written as `\\xff`.
    """
    try:
        meta = _encode(message)
    except UnicodeEncodeError:
        meta = _encode(_as_text(msgspec.to_builtins(message, builtin_types=(bytes,))))
    return HEADER.pack(len(meta), body_bytes) + meta


def unpack_message(meta: bytes) -> Message:
    """Return the message of a frame's meta part."""
    message: Message = _decode_message(meta)
    return message


def unpack_ack(meta: bytes) -> Ack:
    """Return the acknowledgement of a frame's meta part."""
    return _decode_ack(meta)


def size_of(body: Iterable[bytes]) -> int:
    """Return how many bytes a body in pieces has."""
    return sum(map(len, body))


def _as_text(value: Any) -> Any:
    match value:
        case str():
            return _text(value)
        case dict():
            return {_as_text(key): _as_text(member) for key, member in value.items()}
        case list() | tuple():
            return [_as_text(member) for member in value]
        case _:
            return value


def _text(value: str) -> str:
    try:
        raw = value.encode(errors="surrogateescape")  # as bytes become text in mitmproxy
    except UnicodeEncodeError:
        raw = value.encode(errors="backslashreplace")
    return raw.decode(errors="backslashreplace")
