"""A value that was found once in a text is a secret wherever else it stands in it: `user: X, password: X`, an echo."""

from collections.abc import Iterator, Sequence

from recorder.redact.generated import is_generated
from recorder.redact.guards import is_in_arn, is_made_up
from recorder.redact.regex import compile_bytes, quote
from recorder.redact.spans import Rank, Span

SHORTEST = 8
LONGEST = 512
# Few values are searched for one by one, each in a look through the whole text that is quicker than a pattern of them.
FEW_VALUES = 16
# A text with more of them is a list, in which each is found by itself.
MOST_VALUES = 512


def twins(text: bytes, spans: Sequence[Span]) -> Iterator[Span]:
    """Find further places of the values of `spans` in the text they were found in."""
    values = {span.value: span for span in spans if Rank.USER <= span.rank <= Rank.CONTEXT}
    values = {value: span for value, span in values.items() if _is_telling(value)}
    if not 0 < len(values) <= MOST_VALUES:
        return
    taken = {(span.start, span.end) for span in spans}
    for at, value in _places(text, list(values)):
        if (at, at + len(value)) not in taken and not is_in_arn(text, at):
            yield values[value].moved(at, at + len(value))


def _is_telling(value: bytes) -> bool:
    """Say whether a value is no word that stands elsewhere for something else."""
    return SHORTEST <= len(value) <= LONGEST and (is_made_up(value) or is_generated(value))


def _places(text: bytes, values: list[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield where values stand; of two that begin at one place, at least the longer one."""
    if len(values) > FEW_VALUES:
        any_of = "|".join(quote(value) for value in sorted(values, key=len, reverse=True))
        for match in compile_bytes(any_of).finditer(text):
            yield match.start(), match.group()
        return
    for value in values:
        at = text.find(value)
        while at >= 0:
            yield at, value
            at = text.find(value, at + len(value))
