"""Where in a TOML text a value stands: `tomllib` does not tell, and an error without a line is hard to find."""

import re
from collections.abc import Iterator, Sequence

from recorder.policy.tables import Place

_HEADER = re.compile(r"\s*\[(\[)?\s*([^\[\]]+?)\s*\]?\]\s*(?:#.*)?")
_QUOTES = "\"' "


def line_of(text: str, place: Place) -> int | None:
    """Return the number, from 1, of the line that a place begins on, as far as it can be told; None: not at all."""
    lines = text.splitlines()
    best: tuple[int, int] | None = None
    for number, names in _starts(lines):
        depth = _common(names, place)
        if depth == len(names) and (best is None or depth > best[0]):
            best = depth, number
    if best is None:
        return _key(lines, 0, place[-1])
    depth, number = best
    rest = place[depth:]
    found = [_key(lines, number, name) for name in rest]
    return next((line for line in reversed(found) if line), number)


def _starts(lines: Sequence[str]) -> Iterator[tuple[int, Place]]:
    """Give the tables' headers: line number and names, with routes counted."""
    counts: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if match := _HEADER.fullmatch(line):
            names: list[str | int] = [name.strip(_QUOTES) for name in match[2].split(".")]
            first = str(names[0])
            if match[1]:
                counts[first] = counts.get(first, 0) + 1
            if first in counts:
                names.insert(1, counts[first])
            yield number, tuple(names)


def _common(names: Place, place: Place) -> int:
    return next((at for at, name in enumerate(names) if at >= len(place) or place[at] != name), len(names))


def _key(lines: Sequence[str], after: int, name: str | int) -> int | None:
    """Find `name =` behind line number `after`, before the next table."""
    pattern = re.compile(rf"(?:^|[{{,.\s])[\"']?{re.escape(str(name))}[\"']?\s*[=.]")
    for number, line in enumerate(lines[after:], after + 1):
        if _HEADER.fullmatch(line):
            return None
        if pattern.search(line):
            return number
    return None
