"""What is said about a request that would carry secrets out: kinds and places, never a value, and how to go on."""

from collections.abc import Sequence

from recorder.model import OutboundSecret

BODY = "the body"
"""The place of what was found in a body that is no JSON."""

_MOST_NAMED = 3
_REMEDY = (
    "Nothing was sent. Take it out of the conversation (/rewind or /clear); or, if it may leave, name it in [redact] "
    'allow of recorder.toml, or set outbound = "warn" there, and restart the recorder.'
)


def refusal(secrets: Sequence[OutboundSecret]) -> str:
    """Return why a request is refused."""
    named = ", ".join(f"{secret.kind} at {secret.place}" for secret in secrets[:_MOST_NAMED])
    rest = f" and {len(secrets) - _MOST_NAMED} more" if len(secrets) > _MOST_NAMED else ""
    return f"it holds a secret: {named}{rest}. {_REMEDY}"


def unchecked() -> str:
    """Return why a request is refused whose content could not be looked at."""
    return "it could not be searched for secrets, see its record. Nothing was sent"


def placed(secrets: Sequence[OutboundSecret], prefix: str) -> tuple[OutboundSecret, ...]:
    """Return places inside a part of a request as places in the request: behind `prefix`, `messages[3]` say."""
    return tuple(OutboundSecret(one.kind, f"{prefix}{one.place}".removeprefix(".") or BODY) for one in secrets)
