"""One question to the redactor, and how its answer is judged."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from recorder.redact import Redactor

RUN = 8
"""Characters of a secret that must not stand together in what is stored."""

_PLACEHOLDER = re.compile(r"\[REDACTED:[^\]]*\]")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]|\x1b\\[[0-9;]*m")


class Group(StrEnum):
    """How ways are summed up: each has its threshold."""

    CORE = "core"
    ENCODED = "encoded"
    PLACE = "places"
    HOSTILE = "hostile"


class Door(StrEnum):
    """Which way into the redactor is taken."""

    JSON = "json"
    TEXT = "text"
    URL = "url"
    HEADERS = "headers"


@dataclass(frozen=True)
class Case:
    """`given` goes in through `door`; of `fragments`, texts as they stand in the result, no run may come out.

    `keep` are texts of the surroundings that must come out as they are.
    """

    kind: str
    way: str
    group: Group
    door: Door
    given: str
    fragments: tuple[str, ...]
    keep: tuple[str, ...] = ()
    snippet: str = ""
    header: str = field(default="", kw_only=True)

    def stored(self, redactor: Redactor) -> str:
        """Return what would be stored."""
        return _DOORS[self.door](redactor, self)

    def leaks(self, stored: str) -> list[str]:
        """Return the runs of the secret that are still there and that the surroundings do not have anyway."""
        left = _PLACEHOLDER.sub("\0", "\0".join(self._texts(stored)))
        seen = f"{left}\0{normalised(left)}"
        around = "\0".join(self._texts(self.given))
        around = f"{around}\0{normalised(around)}"
        for fragment in sorted(self.fragments, key=len, reverse=True):
            around = around.replace(fragment, "\0")
        return [run for fragment in self.fragments for run in _runs(fragment) if run in seen and run not in around]

    def _texts(self, text: str) -> list[str]:
        """Return what is stored as it stands and, of JSON, each string and key as a reader gets it."""
        return [text, *(_strings(json.loads(text)) if self.door is Door.JSON and text.startswith("{") else ())]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _strings(one)


def normalised(text: str) -> str:
    """Return the text as a reader sees it: without the invisible, wide letters narrow."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def _runs(fragment: str) -> set[str]:
    size = min(RUN, len(fragment))
    return {fragment[at : at + size] for at in range(len(fragment) - size + 1)} if size >= 4 else set()


_DOORS: dict[Door, Callable[[Redactor, Case], str]] = {
    Door.JSON: lambda redactor, case: redactor.json(case.given.encode("utf-8", "surrogatepass")).value.decode(),
    Door.TEXT: lambda redactor, case: redactor.text(case.given).value,
    Door.URL: lambda redactor, case: redactor.url(case.given),
    Door.HEADERS: lambda redactor, case: redactor.headers(((case.header, case.given),))[0][1],
}
