"""A request in one protocol → the same request in another's form.

Strategy: bring the body into the form of Messages (`_into_hub`), leave out what the target does not take, then bring
it into the target's form (`_out_of_hub`). Both only take members out and put some in, so the conversation itself keeps
its bytes, but for members of `cache_control`.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any

import msgspec

from recorder.model import Family, Headers
from recorder.translate.edit import Edited
from recorder.translate.place import Kind, Place, UntranslatableError
from recorder.translate.stripping import Dropped, Stripping
from recorder.wire.facts import request_facts
from recorder.wire.jsontext import render_json

_VERSIONS = {Family.MESSAGES: "2023-06-01", Family.BEDROCK: "bedrock-2023-05-31", Family.VERTEX: "vertex-2023-10-16"}
"""The same version of the API, as each calls it; newer ones (2026-10-21) have one name everywhere."""
_COUNTED_MAX_TOKENS = b"1024"
"""A body for Bedrock has to have one; for counting it has no effect."""

_CLIENT_ONLY = {
    Family.MESSAGES: ("anthropic-version", "anthropic-beta", "x-api-key"),
    Family.BEDROCK: ("anthropic-beta", "x-amz-", "x-amzn-", "amz-sdk-"),
    Family.VERTEX: ("anthropic-beta", "anthropic-version", "x-goog-"),
}
"""Beginnings of headers that mean something in the client's protocol alone; others go on."""
_SIGNATURE = "aws4-hmac-sha256"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the client sent it."""

    family: Family
    kind: Kind
    model: str
    """Anthropic's name of the model that is asked for."""
    streaming: bool
    headers: Headers
    body: bytes
    """Decoded."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider gets."""

    body: bytes
    headers: tuple[tuple[str, str | None], ...]
    """Headers to be set, names in lower case; None: taken out."""
    dropped: tuple[Dropped, ...]
    """What could not be carried over."""


class _Hub(msgspec.Struct):
    body: Edited
    betas: tuple[str, ...]
    version: str


def translate_request(order: Order, place: Place, model: str) -> Sent:
    """Return the request in the form of a place, where its model is called `model`.

    Raises UntranslatableError for a body that is no request, and for one that says too little without its provider.
    """
    try:
        return _translated(order, place, model)
    except UntranslatableError:
        raise
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UntranslatableError("its body is no JSON object of a request") from error


def _translated(order: Order, place: Place, model: str) -> Sent:
    stripping = Stripping(place.family, order.model, place.accepts)
    hub = _into_hub(order, stripping.cache_marks)
    if request_facts(order.body).thread == "continue":
        raise UntranslatableError("it goes on with a conversation that only its provider has (`thread`)")
    stripping.members(hub.body)
    hub.betas = stripping.betas(hub.betas)
    body, headers = _OUT[place.family](order, hub, model)
    gone = {name: None for name, value in order.headers if _is_clients(order.family, name.lower(), value)}
    lower = {name.lower(): None for name in gone}
    plain = {"accept-encoding": "identity", "content-type": "application/json", "accept": "application/json"}
    return Sent(body=body, headers=tuple((lower | plain | headers).items()), dropped=stripping.dropped())


def _into_hub(order: Order, strip: Callable[[bytes], bytes]) -> _Hub:
    raw = order.body
    if order.family is Family.BEDROCK and order.kind is Kind.COUNT:
        raw = _unwrapped(Edited(raw))
    body = Edited(strip(raw))
    betas = _header_betas(order.headers)
    if order.family is Family.MESSAGES:
        version = _header(order.headers, "anthropic-version")
    else:
        version = body.value("anthropic_version")
        betas += tuple(body.value("anthropic_beta") or ())
        for name in ("anthropic_version", "anthropic_beta", "model", "stream"):
            body.drop(name)
    if order.family is Family.BEDROCK and order.kind is Kind.COUNT:
        body.drop("max_tokens")
    spelt = _VERSIONS[Family.MESSAGES] if version in (None, *_VERSIONS.values()) else str(version)
    return _Hub(body, tuple(map(str, betas)), spelt)


def _to_messages(order: Order, hub: _Hub, model: str) -> tuple[bytes, dict[str, str | None]]:
    hub.body.put("model", render_json(model))
    if order.kind is Kind.ANSWER and order.streaming:
        hub.body.put("stream", b"true")
    return hub.body.bytes_(), {"anthropic-version": hub.version, **_beta_header(hub)}


def _to_vertex(order: Order, hub: _Hub, model: str) -> tuple[bytes, dict[str, str | None]]:
    hub.body.put("anthropic_version", render_json(_spelt(Family.VERTEX, hub)))
    hub.body.drop("model")
    if order.kind is Kind.COUNT:
        hub.body.put("model", render_json(model))
    elif order.streaming:
        hub.body.put("stream", b"true")
    return hub.body.bytes_(), _beta_header(hub)


def _to_bedrock(order: Order, hub: _Hub, model: str) -> tuple[bytes, dict[str, str | None]]:  # noqa: ARG001 -- in the path
    hub.body.drop("model")
    hub.body.drop("stream")
    hub.body.put("anthropic_version", render_json(_spelt(Family.BEDROCK, hub)))
    if hub.betas:
        hub.body.put("anthropic_beta", render_json(list(hub.betas)))
    if order.kind is Kind.ANSWER:
        return hub.body.bytes_(), {}
    if "max_tokens" not in hub.body:
        hub.body.put("max_tokens", _COUNTED_MAX_TOKENS)
    return render_json({"input": {"invokeModel": {"body": base64.b64encode(hub.body.bytes_()).decode()}}}), {}


_OUT = {Family.MESSAGES: _to_messages, Family.VERTEX: _to_vertex, Family.BEDROCK: _to_bedrock}


def _unwrapped(body: Edited) -> bytes:
    asked: Any = body.value("input")
    if not isinstance(asked, dict) or "invokeModel" not in asked:
        raise UntranslatableError("it counts the tokens of Converse, which is not translated")
    try:
        return base64.b64decode(asked["invokeModel"]["body"], validate=True)
    except binascii.Error as error:
        raise UntranslatableError("what it counts is no base64") from error


def _spelt(family: Family, hub: _Hub) -> str:
    return _VERSIONS[family] if hub.version == _VERSIONS[Family.MESSAGES] else hub.version


def _beta_header(hub: _Hub) -> dict[str, str | None]:
    return {"anthropic-beta": ",".join(hub.betas) or None}


def _is_clients(family: Family, name: str, value: str) -> bool:
    if name == "authorization":
        return value.lower().startswith(_SIGNATURE)
    return name.startswith(_CLIENT_ONLY[family])


def _header(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _header_betas(headers: Headers) -> tuple[str, ...]:
    said = (value for key, value in headers if key.lower() == "anthropic-beta")
    return tuple(beta.strip() for value in said for beta in value.split(",") if beta.strip())
