"""Labels that a request brings: in the first segments of its path, and in headers of the recorder's own.

Both are the client's word: they tell teams and projects apart, and prove nothing. A header goes before the path, the
path before what the recorder was started with.
"""

from typing import Any
from urllib.parse import unquote

import msgspec

from recorder.model import Headers, Labels
from recorder.policy.tables import Table

OWN_HEADERS = "x-recorder-"
"""What begins so is for the recorder, and is never forwarded."""
_MOST_CHARACTERS = 128
_HEADERS = {"x-recorder-user": "user", "x-recorder-team": "team", "x-recorder-project": "project"}


class LabelSources(msgspec.Struct, frozen=True):
    """Where a request's labels are looked for."""

    path: str | None = "/r"
    """`/r/TEAM/PROJECT/...`; None: not in the path."""
    headers: bool = True


def parse_label_sources(value: Any) -> LabelSources:
    """Read `[labels]`. Raises PolicyError."""
    table = Table(value, ("labels",), ("path", "headers"))
    path, headers = table.raw("path"), table.raw("headers")
    if path is not None and path is not False:
        good = (
            isinstance(path, str) and path.startswith("/") and path.rstrip("/") and "?" not in path and path.isascii()
        )
        if not good:
            raise table.error("path", f"{path!r} is neither false nor the beginning of a path, as /r")
        path = path.rstrip("/")
    if not isinstance(headers, bool | None):
        raise table.error("headers", f"{headers!r} is neither true nor false")
    return LabelSources("/r" if path is None else path or None, headers is not False)


def take_labels(sources: LabelSources, target: str, headers: Headers, given: Labels) -> tuple[Labels, str]:
    """Return the labels in force and the path and query without those in front; `given`: what holds without them."""
    in_path, target = _from_path(sources.path, target) if sources.path else ({}, target)
    in_headers = _from_headers(headers) if sources.headers else {}
    found = {name: value for name, value in (in_path | in_headers).items() if value}
    return msgspec.structs.replace(given, **found), target


def _from_path(prefix: str, target: str) -> tuple[dict[str, str], str]:
    path, mark, query = target.partition("?")
    if not path.startswith(f"{prefix}/"):
        return {}, target
    team, slash, rest = path[len(prefix) + 1 :].partition("/")
    project, slash, rest = rest.partition("/")
    if not (slash and _label(unquote(team)) and _label(unquote(project))):
        return {}, target
    return {"team": _label(unquote(team)), "project": _label(unquote(project))}, f"/{rest}{mark}{query}"


def _from_headers(headers: Headers) -> dict[str, str]:
    return {_HEADERS[name.lower()]: _label(value) for name, value in headers if name.lower() in _HEADERS}


def _label(text: str) -> str:
    """Return what can be a label: one line of printable characters, not too long; else nothing."""
    text = text.strip()
    return text if len(text) <= _MOST_CHARACTERS and text.isprintable() else ""
