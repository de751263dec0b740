"""A value that was found once in a text is a secret wherever else it stands in it: `user: X, password: X`, an echo."""

from collections.abc import Iterator, Sequence

from recorder.redact.generated import is_generated
from recorder.redact.guards import is_in_arn, is_made_up
from recorder.redact.spans import Rank, Span

SHORTEST = 8
LONGEST = 512
# Each value is one search of the whole text; a text with more of them is a list, in which each is found by itself.
MOST_VALUES = 32


def twins(text: bytes, spans: Sequence[Span]) -> Iterator[Span]:
    """Find further places of the values of `spans` in the text they were found in."""
    values = {span.value: span for span in spans if Rank.USER <= span.rank <= Rank.CONTEXT}
    values = {value: span for value, span in values.items() if _is_telling(value)}
    if not 0 < len(values) <= MOST_VALUES:
        return
    taken = {(span.start, span.end) for span in spans}
    for value, span in values.items():
        for at in _places(text, value):
            if (at, at + len(value)) not in taken and not is_in_arn(text, at):
                yield span.moved(at, at + len(value))


def _is_telling(value: bytes) -> bool:
    """Say whether a value is no word that stands elsewhere for something else."""
    return SHORTEST <= len(value) <= LONGEST and (is_made_up(value) or is_generated(value))


def _places(text: bytes, value: bytes) -> Iterator[int]:
    at = text.find(value)
    while at >= 0:
        yield at
        at = text.find(value, at + len(value))
