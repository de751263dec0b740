"""The name of the model in a request's body: read, and replaced without touching any other byte."""

import msgspec

from recorder.wire.jsontext import parse_json
from recorder.wire.slices import Member, members, shadow


def model_in_body(body: bytes) -> str | None:
    """Return the body's model; None when it has none, is no JSON object, or names a key twice."""
    member = _model(body)
    if member is None:
        return None
    try:
        value = parse_json(body[member.value : member.end])
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def with_model(body: bytes, model: str) -> bytes:
    """Return the body with another model. Raises ValueError when there is none to replace."""
    member = _model(body)
    if member is None:
        raise ValueError("the body names no model that could be replaced")
    return body[: member.value] + msgspec.json.encode(model) + body[member.end :]


def _model(body: bytes) -> Member | None:
    try:
        found = members(body, 0, len(body))
    except ValueError:
        try:
            text = shadow(body)
            found = members(text, 0, len(text))
        except ValueError:
            return None
    return next((member for member in found if member.key == "model"), None)
