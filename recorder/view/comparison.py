"""What differs between two requests: parameters, system prompt, tools, messages; computed once, for people and JSON.

Elements that are the same part in the store are the same; the rest is aligned by `difflib`, and compared as text.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from recorder.model import Slot
from recorder.store import queries
from recorder.store.database import Database
from recorder.store.results import InteractionRow
from recorder.view.blocks import BlockKind, decode, read_message, read_system, tool_name
from recorder.view.folding import tool_input
from recorder.view.text import json_text
from recorder.wire.request import Piece, cut_request

_LISTS = frozenset(slot.value for slot in Slot)
_CONTEXT = 3
"""Lines around a change."""
_LINE_CHARACTERS = 2000
"""A longer line is cut into pieces of this size, so that a change in a minified file shows where it is."""


type Element = tuple[str | None, bytes]
"""Role and content of an element of a list."""
type Read = Callable[[Slot, int, int, int], list[Element]]
"""Reads elements of a request: the list, 0 for the first of the two, the first position, one after the last."""


class Parameter(msgspec.Struct, frozen=True):
    """A member of the request beside its lists that differs; None: it is not there."""

    path: str
    before: Any
    after: Any


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run of elements of a list: the same in both (`equal`), only in one (`delete`, `insert`), or changed."""

    kind: str
    """`equal`, `replace`, `delete`, `insert`."""
    before: tuple[int, int]
    """Positions in the first request: first, one after the last."""
    after: tuple[int, int]
    lines: tuple[str, ...] = ()
    """A unified diff of the texts, without its head; of an equal run nothing."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two requests."""

    parameters: tuple[Parameter, ...]
    lists: dict[Slot, tuple[Run, ...]]

    @property
    def is_same(self) -> bool:
        """Tell whether the requests are the same, redactions and cache marks aside."""
        runs = (run for runs in self.lists.values() for run in runs)
        return not self.parameters and all(run.kind == "equal" for run in runs)


class Comparison(Difference, frozen=True, kw_only=True):
    """Two recorded requests and what differs."""

    before: InteractionRow
    after: InteractionRow


def compare(db: Database, before: str, after: str) -> Comparison:
    """Compare two requests, given by their ids or beginnings of them.

    Raises StoreError when there is no such interaction, or content of it was erased.
    """
    first, second = queries.get_interaction(db, before), queries.get_interaction(db, after)
    ids = [queries.request_part_ids(db, row.id) for row in (first, second)]

    def read(slot: Slot, side: int, low: int, high: int) -> list[Element]:
        return queries.read_parts(db, ids[side][slot][low:high])

    return Comparison(
        before=first,
        after=second,
        parameters=tuple(_changed(_parameters(db, first.id), _parameters(db, second.id))),
        lists={slot: tuple(_runs(slot, ids[0][slot], ids[1][slot], read)) for slot in Slot},
    )


def compare_bodies(before: bytes, after: bytes) -> Difference:
    """Compare two redacted bodies, cache marks aside. What is no JSON object differs as a whole."""
    pieces = [_pieces(body) for body in (before, after)]
    numbers: dict[bytes, int] = {}

    def named(side: int, slot: Slot) -> list[int]:
        return [numbers.setdefault(piece.content, len(numbers)) for piece in pieces[side].get(slot, ())]

    def read(slot: Slot, side: int, low: int, high: int) -> list[Element]:
        return [(piece.role, piece.content) for piece in pieces[side].get(slot, ())[low:high]]

    return Difference(
        parameters=tuple(_changed(_members(before), _members(after))),
        lists={slot: tuple(_runs(slot, named(0, slot), named(1, slot), read)) for slot in Slot},
    )


def _pieces(body: bytes) -> Mapping[Slot, Sequence[Piece]]:
    try:
        return cut_request(body).pieces
    except ValueError:
        return {}


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Give a comparison's members, the runs of equal elements left out."""
    return {
        "before": comparison.before.id,
        "after": comparison.after.id,
        "same": comparison.is_same,
        "parameters": [msgspec.structs.asdict(one) for one in comparison.parameters],
        **{
            slot.value: [msgspec.to_builtins(run) for run in runs if run.kind != "equal"]
            for slot, runs in comparison.lists.items()
        },
    }


def text_of(slot: Slot, element: Element) -> str:
    """Give an element as the lines that a person compares."""
    role, content = element
    match slot:
        case Slot.MESSAGES:
            return "\n".join(_spoken(content, role))
        case Slot.SYSTEM:
            return read_system(content).text
        case Slot.TOOLS:
            value = decode(content)
            return f"{tool_name(content)}\n{json_text(value)}"


def _spoken(content: bytes, role: str | None) -> Iterator[str]:
    spoken = read_message(content, role)
    yield f"{spoken.role}:"
    for block in spoken.blocks:
        if block.kind is BlockKind.CALL:
            yield f"▶ {block.name}"
            yield from (f"{name}: {value}" for name, value in tool_input(block.input))
        else:
            label = "" if block.kind is BlockKind.TEXT else f"[{block.name or block.kind}] "
            yield f"{label}{block.text}"


def _parameters(db: Database, id_: str) -> dict[str, Any]:
    frame, _ = queries.request_frame(db, id_)
    return _members(frame or b"{}")


def _members(content: bytes) -> dict[str, Any]:
    body = decode(content)
    if not isinstance(body, dict):
        return {"body": body}
    # A system prompt that is one string is no list of parts.
    return {name: value for name, value in body.items() if name not in _LISTS or not isinstance(value, list)}


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[Parameter]:
    for name in dict.fromkeys([*before, *after]):
        first, second = before.get(name), after.get(name)
        if first == second and (name in before) == (name in after):
            continue
        if isinstance(first, dict) and isinstance(second, dict):
            yield from _changed(first, second, f"{path}{name}.")
        else:
            yield Parameter(f"{path}{name}", first, second)


def _runs(slot: Slot, before: Sequence[int], after: Sequence[int], read: Read) -> Iterator[Run]:
    """Align two lists of ids. Only what differs is read: of long conversations most does not."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, low, high, start, end in matcher.get_opcodes():
        lines: tuple[str, ...] = ()
        if kind != "equal":
            gone, come = _texts(slot, read(slot, 0, low, high)), _texts(slot, read(slot, 1, start, end))
            lines = tuple(difflib.unified_diff(gone, come, n=_CONTEXT, lineterm=""))[2:]
        yield Run(kind=kind, before=(low, high), after=(start, end), lines=lines)


def _texts(slot: Slot, elements: Sequence[Element]) -> list[str]:
    return [line for element in elements for line in _lines(text_of(slot, element))]


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from (line[at : at + _LINE_CHARACTERS] for at in range(0, max(len(line), 1), _LINE_CHARACTERS))
