"""The labelled corpus: every kind in every way that it can arrive in, from one seed."""

from collections.abc import Iterator

from tests.redaction import encodings, kinds_clouds, kinds_generic, kinds_tokens
from tests.redaction.case import Case, Door, Group
from tests.redaction.dice import Dice
from tests.redaction.encodings import Way
from tests.redaction.kinds import Kind
from tests.redaction.places import PLACES
from tests.redaction.surroundings import message, surrounded

KINDS: tuple[Kind, ...] = (*kinds_tokens.KINDS, *kinds_clouds.KINDS, *kinds_generic.KINDS)

WAYS: dict[str, tuple[Group, Way]] = {
    "plain": (Group.CORE, encodings.plain),
    "numbered": (Group.CORE, encodings.numbered),
    "crlf": (Group.CORE, encodings.crlf),
    "diff": (Group.CORE, encodings.diff),
    "ansi": (Group.CORE, encodings.ansi),
    "json-1": (Group.CORE, encodings.json_string(1)),
    "json-2": (Group.CORE, encodings.json_string(2)),
    "json-3": (Group.CORE, encodings.json_string(3)),
    "percent": (Group.ENCODED, encodings.percent),
    "base64": (Group.ENCODED, encodings.base64_line),
    "base64-wrapped": (Group.ENCODED, encodings.base64_wrapped),
    "hex": (Group.ENCODED, encodings.hex_line),
    "hex-dump": (Group.ENCODED, encodings.hex_dump),
    "escapes": (Group.ENCODED, encodings.escapes),
    "entities": (Group.HOSTILE, encodings.entities),
    "zero-width": (Group.HOSTILE, encodings.zero_width),
    "full-width": (Group.HOSTILE, encodings.full_width),
    "allow-comment": (Group.HOSTILE, encodings.allow_comment),
    "nul-bytes": (Group.HOSTILE, encodings.nul_bytes),
    "png-header": (Group.HOSTILE, encodings.png_header),
}


def positives(seed: int, rounds: int) -> Iterator[Case]:
    """Make every kind in every way, `rounds` times, each time another secret in another text."""
    for number in range(rounds):
        for kind in KINDS:
            for name in (*WAYS, *PLACES):
                case = positive(Dice(f"{seed}/{number}/{kind.name}/{name}"), kind, name)
                if case is not None:
                    yield case


def positive(dice: Dice, kind: Kind, way: str) -> Case | None:
    """Make one case; None where a kind does not occur in that way."""
    made = kind.make(dice)
    snippet = dice.fill(dice.pick(kind.templates), *made.values)
    if way in PLACES:
        return PLACES[way](dice, kind, made, snippet)
    group, write = WAYS[way]
    # Encodings of a whole file and of a line alone both occur; what is written plainly stands in a text.
    inside = group == Group.ENCODED and dice.random() < 0.3
    written, fragments = write(dice, surrounded(dice, snippet) if inside else snippet, made.fragments)
    text = written if inside else surrounded(dice, written)
    given, keep = message(dice, text)
    return Case(kind.name, way, group, Door.JSON, given, fragments, keep, snippet)
