"""A request as limits see it: who asks, and what an estimate needs."""

import re

import msgspec

from recorder.model import Headers, Labels, Provider
from recorder.policy.estimate import Asking
from recorder.policy.subject import Subject
from recorder.wire.coding import decode_body
from recorder.wire.facts import request_facts
from recorder.wire.identity import identify

MOST_DECODED_BYTES = 512_000_000
_BLOB = re.compile(rb'"(?:data|bytes)":\s*"[A-Za-z0-9+/=]{2000,}"')
_BLOB_BYTES = 5600
"""What an image counts as, in bytes of text: about 1,600 tokens (Anthropic's documentation, "Vision")."""
_BLOB_SHARE = 32
"""And so many bytes of it count as one more: documents have pages."""


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A request that came in, raw; for memory only."""

    id: str
    at_us: int
    headers: Headers
    body: bytes
    labels: Labels
    path_model: str | None = None
    """The model in its path."""
    model_sent: str | None = None
    """The model's name where it goes, when it is another one."""
    host: str = ""
    """Where it goes."""
    provider: Provider


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What it asks for."""

    id: str
    subject: Subject
    asking: Asking


def read_request(incoming: Incoming, provider: Provider) -> Request:
    """Read a request; `provider`: who answers there. Takes milliseconds for a large body."""
    encoding = next((value for name, value in incoming.headers if name.lower() == "content-encoding"), None)
    body = decode_body(incoming.body, encoding, MOST_DECODED_BYTES).data
    facts = request_facts(body)
    who = identify(incoming.headers, facts.metadata_user_id)
    labels = incoming.labels
    model = facts.model or incoming.path_model
    subject = Subject(
        user=labels.user or who.user,
        team=labels.team,
        project=labels.project,
        session=who.session_id,
        agent_id=who.agent_id,
        agent_type=who.agent_type,
        model=model,
        provider=provider,
        key=labels.key,
    )
    asking = Asking(
        at_us=incoming.at_us,
        session=who.session_id,
        agent_id=who.agent_id,
        model=model,
        priced_as=incoming.model_sent or model,
        provider=provider,
        bytes=text_bytes(body),
        max_tokens=facts.max_tokens if facts.max_tokens and facts.max_tokens > 0 else None,
        is_cached=b'"cache_control"' in body,
        for_an_hour=b'"1h"' in body,
    )
    return Request(id=incoming.id, subject=subject, asking=asking)


def text_bytes(body: bytes) -> int:
    """Return the size of a body as tokens go: images and documents count for less than their base64."""
    blobs = [match.end() - match.start() for match in _BLOB.finditer(body)]
    return len(body) - sum(size - min(size, _BLOB_BYTES + size // _BLOB_SHARE) for size in blobs)
