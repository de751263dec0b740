"""What exchanges leave on the record that could not be recorded.

Under overload they are a thousand a second, and a record for each would take half of what can be written. So a note of
one is sent at once, and while it is under way those that come and say the same wait, to be named together in the next.
"""

import re
from collections import deque
from collections.abc import Callable

import msgspec

from recorder.capture.messages import Note, Open
from recorder.capture.waiting import Recorded, Waiting
from recorder.ledger.kinds import RecordKind

MOST_NAMED = 200
"""Interactions in one note: a record of 8 kB."""
MOST_OWED = 10_000
"""Notes kept while the store refuses everything; of more than that the oldest are let go."""
_FIGURES = re.compile(r"[0-9][0-9.e+]*")
_SAME = ("side", "policy")


def gap_note(opening: Open, side: str, reason: str, *, block: bool) -> Note:
    """Return the note that one half of an exchange (`request`, `answer`) could not be recorded."""
    policy = "block" if block else "pass"
    return Note(
        kind=RecordKind.GAP,
        at_us=opening.at_us,
        body={"interaction": opening.id, "side": side, "policy": policy, "reason": reason},
    )


class Gaps:
    """The gaps of one queue to the writer: while a note of some is under way, those that come are held for the next."""

    def __init__(self, post: Callable[[Note], Waiting]) -> None:
        """`post` queues a note."""
        self._post = post
        self._under_way: Waiting | None = None
        self._held: list[Note] = []

    def note(self, note: Note) -> None:
        """Post a note, or hold it until the one under way has arrived."""
        if self._under_way is None:
            self._under_way = self._post(note)
        elif self._held and (joined := together(self._held[-1], note)):
            self._held[-1] = joined
        else:
            self._held.append(note)

    def settled(self, frame: Waiting) -> None:
        """Post what is held when the frame that is settled is the note that was under way."""
        if frame is self._under_way:
            held, self._held, self._under_way = self._held, [], None
            for note in held:
                self._under_way = self._post(note)


def owe(owed: deque[Waiting], frame: Waiting) -> None:
    """Keep a note that the store refused, with one before it that was sent as often."""
    last = owed[-1] if owed else None
    if last is not None and last.attempts == frame.attempts and (joined := together(last.message, frame.message)):
        last.message = joined
    else:
        owed.append(frame)


def together(one: Recorded, other: Recorded) -> Note | None:
    """Return one note that says what both do; None when they do not say the same, or of too many interactions.

    `others` has the further interactions: id → milliseconds after the first. The reason is the first one's; the others'
    differ from it in figures alone.
    """
    if not (isinstance(one, Note) and isinstance(other, Note) and _is_gap(one) and _is_gap(other)):
        return None
    if _said(one) != _said(other):
        return None
    after_ms = (other.at_us - one.at_us) // 1000
    named, more = _named(one), {id_: after_ms + ms for id_, ms in _named(other).items()}
    if not named.keys().isdisjoint(more) or len(named) + len(more) > MOST_NAMED:
        return None
    first, *others = {**named, **more}.items()
    return msgspec.structs.replace(one, body=one.body | {"interaction": first[0], "others": dict(others)})


def _is_gap(note: Note) -> bool:
    return note.kind == RecordKind.GAP and isinstance(note.body.get("interaction"), str)


def _said(note: Note) -> tuple[object, ...]:
    return (*(note.body.get(name) for name in _SAME), _FIGURES.sub("", str(note.body.get("reason"))))


def _named(note: Note) -> dict[str, int]:
    others = note.body.get("others")
    return {str(note.body["interaction"]): 0, **(others if isinstance(others, dict) else {})}
