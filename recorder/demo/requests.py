"""A request as the synthetic provider received it, byte for byte, and what it asks for.

The routing is the provider's own on purpose: it is what tests hold the recorder's classification against.
"""

import hashlib
import json
import re
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

import msgspec

from recorder.model import Headers
from recorder.wire.coding import decode_body

MAX_BODY_BYTES = 512 * 1024 * 1024


class Form(StrEnum):
    """What a request wants, and in which form its answer comes."""

    MESSAGES = "messages"
    BEDROCK_INVOKE = "bedrock-invoke"
    BEDROCK_CONVERSE = "bedrock-converse"
    VERTEX = "vertex"
    COUNT = "count"
    MODELS = "models"
    PROFILES = "profiles"
    NONE = "none"


MODEL_FORMS = frozenset({Form.MESSAGES, Form.BEDROCK_INVOKE, Form.BEDROCK_CONVERSE, Form.VERTEX})

_ROUTES = (
    ("POST", re.compile(r"/v1/messages$"), Form.MESSAGES),
    ("POST", re.compile(r"/v1/messages/count_tokens$"), Form.COUNT),
    ("POST", re.compile(r"/model/(?P<model>.+)/invoke(?P<stream>-with-response-stream)?$"), Form.BEDROCK_INVOKE),
    ("POST", re.compile(r"/model/(?P<model>.+)/converse(?P<stream>-stream)?$"), Form.BEDROCK_CONVERSE),
    ("POST", re.compile(r"/model/(?P<model>.+)/count-tokens$"), Form.COUNT),
    ("POST", re.compile(r"/models/count-tokens:rawPredict$"), Form.COUNT),
    ("POST", re.compile(r"/models/(?P<model>[^/:]+):rawPredict$"), Form.VERTEX),
    ("POST", re.compile(r"/models/(?P<model>[^/:]+):(?P<stream>streamRawPredict)$"), Form.VERTEX),
    ("GET", re.compile(r"/v1/models(/.*)?$"), Form.MODELS),
    ("GET", re.compile(r"/inference-profiles(/.*)?$"), Form.PROFILES),
)


class SeenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request: the bytes as they came, and what they mean."""

    method: str
    target: str
    """Path and query, raw."""
    headers: Headers
    head: bytes
    """Request line and headers with the empty line that ends them."""
    framed: bytes
    """The body as it came, with the chunks' framing if it was chunked."""
    body: bytes
    """The body without chunks' framing; a content coding is still on it."""
    form: Form
    model: str | None
    streamed: bool
    data: dict[str, Any]
    """The decoded JSON object; empty when the body is none."""

    @property
    def sha256(self) -> str:
        """Hash of the body without chunks' framing, hex."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def is_model_call(self) -> bool:
        """Whether a model is asked to answer, which a provider bills."""
        return self.form in MODEL_FORMS

    def header(self, name: str) -> str | None:
        """Give the first value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def parse_head(head: bytes) -> tuple[str, str, Headers]:
    """Split a request's head into method, target and headers; ValueError when it is none."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, version = first.split(" ")
    if version not in {"HTTP/1.1", "HTTP/1.0"}:
        raise ValueError(f"{version[:20]!r} is not spoken here; use HTTP/1.1")
    pairs = [line.partition(":") for line in lines]
    return method, target, tuple((name, value.strip(" \t")) for name, _, value in pairs)


def seen_request(head: bytes, framed: bytes, body: bytes) -> SeenRequest:
    """Understand a request that has been read whole."""
    method, target, headers = parse_head(head)
    path = target.partition("?")[0]
    form, found = next(
        ((form, match) for verb, route, form in _ROUTES if verb == method and (match := route.search(path))),
        (Form.NONE, None),
    )
    data = _json_object(body, {name.lower(): value for name, value in headers}.get("content-encoding"))
    named = found.groupdict() if found else {}
    model = unquote(named["model"]) if named.get("model") else data.get("model")
    streamed = bool(named.get("stream")) if "model" in named else data.get("stream") is True
    return SeenRequest(
        method=method,
        target=target,
        headers=headers,
        head=head,
        framed=framed,
        body=body,
        form=form,
        model=model,
        streamed=streamed,
        data=data,
    )


def _json_object(body: bytes, coding: str | None) -> dict[str, Any]:
    try:
        value = json.loads(decode_body(body, coding, MAX_BODY_BYTES).data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
