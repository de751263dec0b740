"""Where a call stands at a target: its path, and the name of its model there.

Paths: WIRE.md section 3; anthropic 2.12.0's `lib/bedrock/_client.py` and `lib/vertex/_client.py`; botocore 1.44.5's
service model of bedrock-runtime (CountTokens takes a foundation model, no inference profile). Checked November 2026.
"""

from enum import StrEnum
from urllib.parse import quote, unquote

import msgspec

from recorder.model import Family, Protocol
from recorder.translate.models import at_bedrock, at_messages, at_vertex
from recorder.wire.classify import Call

MESSAGES_QUERY = "?beta=true"
"""Claude Code asks so, and a body with a beta's members needs it."""


class UntranslatableError(ValueError):
    """A request that has no counterpart in the target's protocol; says why."""


class Kind(StrEnum):
    """What a call asks for, in whichever protocol."""

    ANSWER = "answer"
    COUNT = "count"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An upstream as a translation sees it."""

    family: Family
    base: str = ""
    """The base path, without a slash at its end."""
    scope: str = "us"
    """Of Bedrock's inference profiles: `us`, `eu`, `global`, ..."""
    project: str | None = None
    location: str | None = None
    """Vertex's project and region."""
    accepts: frozenset[str] = frozenset()
    """Members, betas, tools and edits that it takes although the table says that it does not."""


def kind_of(call: Call, path: str) -> Kind | None:
    """Return what a call asks for; None for one that is not translated. `path`: as sent, without query."""
    if call.protocol in {Protocol.MESSAGES, Protocol.BEDROCK_INVOKE, Protocol.VERTEX}:
        return Kind.ANSWER
    last = unquote(path).rstrip("/").rpartition("/")[2]
    return Kind.COUNT if last in {"count_tokens", "count-tokens", "count-tokens:rawPredict"} else None


def hub_model(family: Family, model: str | None) -> str:
    """Return Anthropic's name for the model that a client asks for. Raises UntranslatableError when it is not known."""
    if not model:
        raise UntranslatableError("it names no model")
    found = model if family is Family.MESSAGES else at_messages(model)
    if found is None:
        raise UntranslatableError(f"{model} does not tell which model it is; map it with `model`")
    return found


def model_at(place: Place, kind: Kind, model: str) -> str:
    """Return what Anthropic's name of a model is called at a place."""
    if place.family is Family.BEDROCK:
        return at_bedrock(model, "" if kind is Kind.COUNT else place.scope)
    return at_vertex(model) if place.family is Family.VERTEX else model


def path_at(place: Place, kind: Kind, model: str, *, streaming: bool) -> str:
    """Return path and query. Raises UntranslatableError when the place lacks what its path needs."""
    if place.family is Family.MESSAGES:
        return f"{place.base}/v1/messages{'/count_tokens' if kind is Kind.COUNT else ''}{MESSAGES_QUERY}"
    if place.family is Family.BEDROCK:
        action = "count-tokens" if kind is Kind.COUNT else f"invoke{'-with-response-stream' if streaming else ''}"
        return f"{place.base}/model/{quote(model, safe='')}/{action}"
    missing = [name for name, value in (("project", place.project), ("region", place.location)) if not value]
    if missing:
        raise UntranslatableError(f"its path needs {' and '.join(f'`{name}`' for name in missing)} in the upstream")
    verb = "rawPredict" if kind is Kind.COUNT or not streaming else "streamRawPredict"
    name = "count-tokens" if kind is Kind.COUNT else quote(model, safe="@")
    parent = f"{place.base}/projects/{place.project}/locations/{place.location}/publishers/anthropic/models"
    return f"{parent}/{name}:{verb}"
