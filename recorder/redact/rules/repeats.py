"""A stretch that repeats itself is judged once: what was found in one round of it, is in every round.

Whoever wants a scan to take long writes one line a hundred thousand times. Nothing a rule decides by reaches farther
than `_MARGIN_BYTES`, so that inside such a stretch all rounds are alike, but for those at its edges.
"""

from recorder.redact.spans import Span

_AROUND_BYTES = 64
_LONGEST_ROUND_BYTES = 2048
# More than any rule looks around a value (`structures.JsonWebKey`: 2000); in messages of some kilobytes, which are
# redacted one by one, a wider margin would be most of each.
_MARGIN_BYTES = 2112
_FEWEST_ROUNDS = 8
_MOST_REMEMBERED = 4096


class Repeats:
    """Looks for repetition while a text is searched from front to back."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._seen: dict[bytes, tuple[int, int, int]] = {}
        """What stood around a match → where it began, where the search went on, how many spans there were then."""

    def onward(self, start: int, position: int, spans: list[Span]) -> int:
        """Give where to go on behind a match at `start`, which is `position` or, behind repeated rounds, farther on.

        `spans`: what was found so far; what is in the rounds that are left out is added to it.
        """
        text = self._text
        around = text[max(0, start - _AROUND_BYTES) : start + _AROUND_BYTES]
        earlier = self._seen.get(around)
        if len(self._seen) > _MOST_REMEMBERED:
            self._seen.clear()
        self._seen[around] = start, position, len(spans)
        if earlier is None:
            return position
        before, went_on, count = earlier
        size = start - before
        if size > _LONGEST_ROUND_BYTES or position - start != went_on - before:
            return position
        rounds = (self._end_of_rounds(before, size) - _MARGIN_BYTES - position) // size
        if rounds < _FEWEST_ROUNDS:
            return position
        found = spans[count:]
        spans += (
            span.moved(span.start + size * number, span.end + size * number)
            for number in range(1, rounds + 1)
            for span in found
        )
        self._seen.clear()
        return position + rounds * size

    def _end_of_rounds(self, at: int, size: int) -> int:
        """Give where the text stops to be what it is `size` bytes before; `at` when it is not before and behind it."""
        text, low = self._text, at - _MARGIN_BYTES
        if low < 0 or text[low : at + _MARGIN_BYTES] != text[low + size : at + _MARGIN_BYTES + size]:
            return at
        end, step = at, _MARGIN_BYTES
        while step >= size:
            if text[end : end + step] == text[end + size : end + size + step]:
                end, step = end + step, step * 2
            else:
                step //= 2
        return min(end + size, len(text))
