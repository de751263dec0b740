"""A random run beside the name of a service: `mailgun '…'`, `redhat …`, `cloudsmith: "…"`.

A thousand names in one pattern make an automaton that is slow to build and slow to run; where a name ends, the
prefilter tells, and what has to follow it is a pattern of its own.
"""

import re
from collections.abc import Iterator
from functools import cache

from recorder.redact.generated import is_hex_key, is_uuid
from recorder.redact.guards import is_random
from recorder.redact.many import Many
from recorder.redact.prefilter import Ends
from recorder.redact.rules.assignments import ASSIGNS
from recorder.redact.rules.base import Place
from recorder.redact.rules.keyed import is_example, is_labelled, is_opaque
from recorder.redact.rules.pattern import Pattern
from recorder.redact.rules.repeats import Repeats
from recorder.redact.rules.vendor_names import VENDORS
from recorder.redact.spans import Rank, Span

# The name ends with a word for a credential.
_TITLED = re.compile(
    rb"(?i)(?:key|token|secret|private|access|auth|api)[\"'`\])]{0,3}[ \t]{0,3}[:=.?, -]{1,5}[\"'`{( ]{0,4}\Z"
)
# An assignment or a quotation mark right before the value, or a word that says what it is.
_FIRM = re.compile(rb"(?i)[:=\"'`]\s?\Z|(?:key|token|secret|private|access|api)[ .:=_-]{1,3}\Z")
# Between a service's name and the value it is said what the value is.
_CREDENTIAL = re.compile(rb"(?i)(?:key|token|secret|private|access|auth|pass|pat|tok)[^A-Za-z0-9]{1,8}\Z")
_RUN = r"[A-Za-z0-9_+/=.~|-]"
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
# Something has to end the name: a token is not to be cut.
_END_OF_NAME = (
    r"[\"'`\])]{0,3}(?:[ \t]{0,3}(?:" + ASSIGNS + r"|,|-|\.|\()[ \t]{0,4}[\"'`{(]{0,3}[ ]?|[ \t]{1,4}[\"'`{(]{0,3}[ ]?"
    r"|[\"'`{(]{1,3}[ ]?)"
)
_BEHIND = (
    r"(?i)(?:[a-z0-9]{0,20}?(?:[ _.-][a-z0-9]{1,16}){0,3}?" + _END_OF_NAME + r"(" + _UUID + r")"
    r"|[a-z0-9]{0,20}(?:[ _.-][a-z0-9]{1,16}){0,3}" + _END_OF_NAME + r"(" + _RUN + r"{8,}))(?:[^A-Za-z0-9(\[]|$)"
)
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
# Shorter ones are names and numbers, unless a word before them says what they are.
_LONG_ENOUGH = 16
_VERBS = (b"get", b"set")


class VendorDetector:
    """Finds the runs by the names before them."""

    name = "vendors"
    patterns = tuple(f"(?i:{name})" for name in VENDORS)

    def __init__(self) -> None:
        self._behind = Pattern(_BEHIND)

    def find(self, text: bytes) -> list[Span]:
        """Find the runs in UTF-8 text; offsets are bytes."""
        return self.find_at(text, _names().ends(text))

    def find_at(self, text: bytes, ends: Ends) -> list[Span]:
        """Find what `find` does, told which names end where."""
        spans: list[Span] = []
        repeats, position = Repeats(text), 0
        for start, end in _places(text, ends):
            if start < position:
                continue
            position = start + 1
            found = self._behind.match(text, end)
            if found is not None:
                begin, last, _ = found
                if _is_secret(Place(text, start, begin, last)):
                    spans.append(Span(begin, last, "secret", text[begin:last], Rank.CONTEXT))
                    position = last
                position = repeats.onward(start, position, spans)
        return spans


@cache
def _names() -> Many:
    return Many([(at, one.encode()) for at, one in enumerate(VendorDetector.patterns)], once=False)


def _places(text: bytes, ends: Ends) -> Iterator[tuple[int, int]]:
    """Yield where names begin and end, front to back; of several that begin at one place, the longest first."""
    for start, end in sorted(
        ((end - len(VENDORS[number]), end) for number, end in ends), key=lambda at: (at[0], -at[1])
    ):
        before = text[start - 1] if start else 0
        if (
            before not in _LETTERS
            or text[start - 3 : start].lower() in _VERBS
            or text[start - 2 : start].lower() == b"my"
        ):
            yield start, end


def _is_secret(place: Place) -> bool:
    value = place.value
    if is_labelled(place):
        return False
    if len(value) < _LONG_ENOUGH:
        said = _CREDENTIAL.search(place.text[place.at : place.start]) is not None
        return said and value.isalnum() and not value.isdigit() and is_example(value)
    if is_opaque(value):
        return True
    between = place.text[place.at : place.start]
    if _FIRM.search(between) and (is_hex_key(value) or is_uuid(value)):
        return True
    # What people make up for an example is not random enough to be told from a name by itself.
    if _CREDENTIAL.search(between):
        return is_example(value)
    made_up = value.isalnum() and len(re.findall(rb"[0-9]", value)) >= 4 and is_random(value)
    return made_up and _TITLED.search(between) is not None
