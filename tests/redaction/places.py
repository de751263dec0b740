"""Places in an exchange where a secret can be, besides plain content: streams, keys, names, URLs, headers, errors."""

import json
from collections.abc import Callable

from tests.redaction.case import Case, Door, Group
from tests.redaction.dice import Dice
from tests.redaction.kinds import Kind, Secret
from tests.redaction.surroundings import surrounded
from tests.wire import streams

type Place = Callable[[Dice, Kind, Secret, str], Case | None]


def _json(way: str, kind: Kind, secret: Secret, value: object, snippet: str) -> Case:
    return Case(kind.name, way, Group.PLACE, Door.JSON, json.dumps(value), secret.fragments, (), snippet)


def _pieces(dice: Dice, text: str) -> list[str]:
    """Cut as a provider's stream is cut: a few characters at a time."""
    pieces, at = [], 0
    while at < len(text):
        size = dice.randint(1, 12 if len(text) < 2000 else 80)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def _assembled(events: list[dict[str, object]]) -> bytes:
    found = streams.answer(streams.sse([streams.START, *events, streams.ending(), streams.STOP])).message
    assert found is not None
    return found


def stream_text(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case:
    given = _assembled(streams.text_block(0, *_pieces(dice, surrounded(dice, snippet)))).decode()
    return Case(kind.name, "stream-text", Group.PLACE, Door.JSON, given, secret.fragments, (), snippet)


def stream_tool(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case:
    tool_input = json.dumps({"command": surrounded(dice, snippet), "description": "Do it"})
    given = _assembled(streams.tool_block(0, *_pieces(dice, tool_input))).decode()
    return Case(kind.name, "stream-tool", Group.PLACE, Door.JSON, given, secret.fragments, ("toolu_01",), snippet)


def object_key(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case:
    key = secret.values[-1] if kind.shaped and "\n" not in secret.values[0] and len(secret.values) == 1 else snippet
    value = {"type": "tool_use", "id": "toolu_01", "name": "Set", "input": {key: {"enabled": True, "n": 3}}}
    return _json("object-key", kind, secret, value, snippet)


def error_text(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case:
    said = f"{dice.pick(['invalid request', 'upstream said', 'could not parse'])}: {snippet}"
    given = json.dumps({"type": "error", "error": {"type": "invalid_request_error", "message": said}})
    return Case(kind.name, "error-json", Group.PLACE, Door.JSON, given, secret.fragments, (), snippet)


def error_page(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case:
    given = f"<html><body><h1>502 Bad Gateway</h1><pre>{snippet}</pre></body></html>"
    return Case(kind.name, "error-text", Group.PLACE, Door.TEXT, given, secret.fragments, (), snippet)


def _alone(kind: Kind, secret: Secret) -> str | None:
    """The token of a kind that is known without surroundings and fits on a short line."""
    value = secret.values[0]
    fits = kind.shaped and len(secret.values) == 1 and "\n" not in value and "/" not in value and len(value) < 300
    return value if fits else None


def url_path(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case | None:
    value = _alone(kind, secret)
    if value is None or ":" in value:
        return None
    path = dice.pick([f"/proxy/{value}/v1/messages", f"/v1/messages/{value}", f"/k/{value}/v1/messages?beta=true"])
    return Case(kind.name, "url-path", Group.PLACE, Door.URL, path, secret.fragments, (), snippet)


def url_query(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case | None:
    value = secret.values[-1]
    if "\n" in value or len(value) > 400 or value not in secret.fragments:
        return None
    name = dice.pick(["api_key", "key", "token", "access_token", "sig", "auth", "password", "client_secret", "apikey"])
    path = f"/v1/messages?beta=true&{name}={value.replace('+', '%2B')}&page=2"
    fragments = tuple(one.replace("+", "%2B") for one in secret.fragments)
    return Case(kind.name, "url-query", Group.PLACE, Door.URL, path, fragments, (), snippet)


def header(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case | None:
    value = secret.values[-1]
    if "\n" in value or value not in secret.fragments:
        return None
    name, given = dice.pick(
        [
            ("authorization", f"Bearer {value}"),
            ("x-api-key", value),
            ("proxy-authorization", f"Basic {value}"),
            ("cookie", f"session={value}; theme=dark"),
            ("x-goog-api-key", value),
            ("x-litellm-api-key", value),
            ("x-amz-security-token", value),
            ("x-custom-thing", value),
            ("ocp-apim-subscription-key", value),
        ]
    )
    return Case(kind.name, "header", Group.PLACE, Door.HEADERS, given, secret.fragments, (), snippet, header=name)


def kept_header(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case | None:
    """In a header whose value is kept."""
    value = _alone(kind, secret)
    if value is None:
        return None
    name, given = dice.pick(
        [("user-agent", f"tool/1.2 ({value})"), ("anthropic-beta", value), ("content-type", f"text/plain; x={value}")]
    )
    return Case(kind.name, "kept-header", Group.PLACE, Door.HEADERS, given, secret.fragments, (), snippet, header=name)


def file_name(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case | None:
    value = _alone(kind, secret)
    if value is None:
        return None
    path = dice.pick(
        [f"/srv/backup/{value}.txt", f"/home/ada/keys/{value}", f"C:\\Users\\ada\\{value}.json", f"./dump-{value}.log"]
    )
    value_ = {"type": "tool_use", "id": "toolu_01", "name": "Read", "input": {"file_path": path, "limit": 20}}
    return _json("file-name", kind, secret, value_, snippet)


def tool_name(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case | None:
    value = _alone(kind, secret)
    if value is None:
        return None
    name = dice.pick([value, f"mcp__{value}__list"])
    return _json(
        "tool-name", kind, secret, {"name": name, "description": "Lists", "input_schema": {"type": "object"}}, snippet
    )


def system_prompt(dice: Dice, kind: Kind, secret: Secret, snippet: str) -> Case:
    text = f"You are a helpful assistant.\n\n# Project notes\n{snippet}\n"
    return _json(
        "system-prompt", kind, secret, {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}, snippet
    )


PLACES: dict[str, Place] = {
    "stream-text": stream_text,
    "stream-tool": stream_tool,
    "system-prompt": system_prompt,
    "object-key": object_key,
    "error-json": error_text,
    "error-text": error_page,
    "url-path": url_path,
    "url-query": url_query,
    "header": header,
    "kept-header": kept_header,
    "file-name": file_name,
    "tool-name": tool_name,
}
