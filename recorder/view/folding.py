"""Long text cut to what a reader wants first; what was left out is counted, and `--all` shows it."""

from typing import Any, NamedTuple

from recorder.view import figures
from recorder.view.text import clean, json_text

_MAX_CHARACTERS_PER_LINE = 100


class Fold(NamedTuple):
    """Text as it is shown, and a line that says what is missing (empty: nothing is)."""

    shown: str
    missing: str


def fold(text: str, lines: int | None) -> Fold:
    """Keep the first `lines` lines (None: all), and of enormous lines as much as that many lines would hold."""
    if lines is None:
        return Fold(clean(text).strip("\n"), "")
    kept, characters = text.strip("\n").split("\n"), lines * _MAX_CHARACTERS_PER_LINE
    beginning = "\n".join(kept[:lines])
    if len(beginning) > characters:
        return Fold(clean(beginning[:characters]), _missing(len(text) - characters, "character"))
    if len(kept) <= lines:
        return Fold(clean(beginning), "")
    return Fold(clean(beginning), _missing(len(kept) - lines, "line"))


def tool_input(value: Any) -> list[tuple[str, str]]:
    """Give a tool's input as names and texts; strings as they are, all else as JSON. No name: not an object."""
    if not isinstance(value, dict):
        return [("", value if isinstance(value, str) else json_text(value, indent=None))] if value else []
    return [
        (str(name), member if isinstance(member, str) else json_text(member, indent=None))
        for name, member in value.items()
    ]


def _missing(count: int, what: str) -> str:
    return f"… {figures.times(count, f'more {what}')}, --all shows them"
