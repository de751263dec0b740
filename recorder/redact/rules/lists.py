"""Values in a list under a name that promises a secret: `"passwords": ["…", "…"]`, `api_keys:` and lines with `- `.

A pattern finds one value a match, and a list has many, so what stands in one is read here, item by item.
"""

import re
from collections.abc import Iterator

from recorder.redact.generated import is_generated, is_hex_key, is_uuid
from recorder.redact.guards import is_made_up, is_random
from recorder.redact.regex import compile_bytes
from recorder.redact.rules.assignments import ASSIGNS, kind_of_name, name_at
from recorder.redact.rules.keynames import KEYWORD, Sort, may_be_uuid, sort_of
from recorder.redact.rules.values import is_public
from recorder.redact.spans import Rank, Span

_NAME_ENDS = r"[A-Za-z0-9_.-]{0,24}[\"'`]?[ \t]{0,4}"
# Java and Go write the list's type between name and brackets.
_OPENED = KEYWORD + _NAME_ENDS + r"(?:" + ASSIGNS + r")\s{0,4}(?:new )?[A-Za-z.<>\[\]]{0,24} ?[\[({]\s{0,16}[\"'`]"
_LINES = KEYWORD + _NAME_ENDS + r":[ \t]{0,4}(?:#[^\n]{0,80})?\r?\n[^\nA-Za-z]{0,32}-[ \t]"
_HEADS = (compile_bytes(_OPENED), compile_bytes(_LINES))
_MOST_BYTES, _MOST_ITEMS = 4096, 64
_ITEM = re.compile(rb"[\s,]*(?:\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`|[A-Za-z0-9_.]{1,40})(?=\s{0,16}[,\])}])")
_LINE = re.compile(rb"[^\nA-Za-z\"'`]{0,32}-[ \t]+(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"'#]+))[^\n]{0,80}(?:\n|\Z)")
_SHORTEST = 6


class ListDetector:
    """Finds them; a list's items have to look made, since lists of words are what tests and menus are full of."""

    name = "lists"
    patterns = (_OPENED, _LINES)

    def find(self, text: bytes) -> list[Span]:
        """Find the items that are secrets in UTF-8 text; offsets are bytes."""
        found: dict[int, Span] = {}
        judged: dict[tuple[bytes, str], bool] = {}
        for head, item, back in zip(_HEADS, (_ITEM, _LINE), (1, None), strict=True):
            done = 0
            for match in head.finditer(text):
                if match.start() < done:
                    continue  # read with the one before
                name = name_at(text, match.start())
                start = match.end() - back if back else text.find(b"\n", match.start()) + 1
                done = start
                for begin, end in _items(text, start, item):
                    done = end
                    value = text[begin:end]
                    is_secret = judged.get((value, name))
                    if is_secret is None:
                        is_secret = judged[value, name] = _is_secret(value, name)
                    if is_secret:
                        found[begin] = Span(begin, end, kind_of_name(name), value, Rank.CONTEXT)
        return [found[at] for at in sorted(found)]


def _items(text: bytes, start: int, item: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    limit = min(len(text), start + _MOST_BYTES)
    for _ in range(_MOST_ITEMS):
        match = item.match(text, start, limit)
        if match is None or match.end() == start:
            return
        start = match.end()
        if match.lastindex:
            yield match.span(match.lastindex)


def _is_secret(value: bytes, name: str) -> bool:
    if len(value) < _SHORTEST or len(value) > _MOST_BYTES:
        return False
    several = name.lower() == "tokens"  # in most code, words of a text
    sort = sort_of(name) or sort_of(name.removesuffix("s").removesuffix("S"))
    if sort is Sort.NONE and not several:
        return False
    if is_uuid(value):
        return not several and may_be_uuid(name.removesuffix("s"))
    made = is_generated(value) or is_random(value) or (sort is Sort.PASSWORD and is_made_up(value))
    return (made or (is_hex_key(value) and not several)) and not is_public(value)
