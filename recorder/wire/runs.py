"""Runs of the events that nearly all of a Messages stream consists of, taken out of its bytes at once.

Strategy: read one by one, each of thousands of small events costs some twenty calls, whatever it says. Events that are
one more piece of text, as all providers write them, are found by a pattern, and the texts of a run of them are decoded
as one JSON array. What differs in anything (a member more, another order, half a character) is in no run: it is for the
decoder of lines and the reader of all events. Both read the same from an event that is in one.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

_TEXT = rb'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+'
_EVENT = re.compile(
    rb"event: ?content_block_delta\n"
    rb'data: ?\{"type": ?"content_block_delta", ?"index": ?(0|[1-9][0-9]{0,8}), ?"delta": ?\{"type": ?'
    rb'"(text_delta", ?"text|thinking_delta", ?"thinking|input_json_delta", ?"partial_json)": ?"(' + _TEXT + rb')"'
    rb" *\} *\} *\n\n"
)
_decode = msgspec.json.Decoder(list[str]).decode


class Texts(NamedTuple):
    """Neighbouring events of a run that add to the same text."""

    block: int
    """The content block's index on the wire."""
    delta: str
    """Type of the deltas: `text_delta`."""
    field: str
    """Of the delta, and of the block that its text is added to; `partial_json` for a tool's input."""
    texts: list[str]
    ends: list[int]
    """Where in the bytes each event ends, behind its empty line."""


def find_run(data: bytes, at: int) -> tuple[int, list[Texts]]:
    """Return where the run that begins at `at` ends (there, when none does), and its events in order.

    There are none when one of its texts is no text: then it is to be read event by event.
    """
    found: list[re.Match[bytes]] = []
    for event in _EVENT.finditer(data, at):
        if event.start() != at:
            break
        at = event.end()
        found.append(event)
    if not found:
        return at, []
    groups = [event.groups() for event in found]
    try:
        texts = _decode(b'["%b"]' % b'","'.join([text for _, _, text in groups]))
    except (msgspec.MsgspecError, ValueError):
        return at, []
    return at, list(_grouped(groups, texts, [event.end() for event in found]))


def _grouped(groups: list[tuple[Any, ...]], texts: list[str], ends: list[int]) -> Iterator[Texts]:
    start = 0
    for (block, names), events in groupby(groups, key=itemgetter(0, 1)):
        stop = start + sum(1 for _ in events)
        delta, _, field = names.decode().partition('"')
        yield Texts(int(block), delta, field.rpartition('"')[2], texts[start:stop], ends[start:stop])
        start = stop
