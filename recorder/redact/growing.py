"""A set of literals that grows, looked for in all texts between: to learn one costs what is new, not what is known.

Those that came lately are compiled by themselves, until they are an eighth of the others; then all are, together. So
each is compiled a few times, however many come, and a text is swept twice at most.
"""

from recorder.redact.many import Many, literal

_FEW = 64


class Growing:
    """Literals by the numbers in which they came, from 0."""

    def __init__(self) -> None:
        self._literals: list[bytes] = []
        self._settled = 0
        self._compiled = 0
        self._sweeps: tuple[tuple[int, Many], ...] = ()
        """Each with the number of its first literal."""

    def add(self, value: bytes) -> None:
        """Look for this one too, which is new."""
        self._literals.append(literal(value))

    def ends(self, text: bytes) -> list[tuple[int, int]]:
        """Give each place where one ends, with its number."""
        if self._compiled < len(self._literals):
            self._compile()
        return [(first + number, end) for first, sweep in self._sweeps for number, end in sweep.ends(text)]

    def _compile(self) -> None:
        settled = self._sweeps[:1]
        if not settled or len(self._literals) - self._settled > max(_FEW, self._settled // 8):
            self._sweeps = ((0, self._many(0)),)
            self._settled = len(self._literals)
        else:
            self._sweeps = (*settled, (self._settled, self._many(self._settled)))
        self._compiled = len(self._literals)

    def _many(self, first: int) -> Many:
        return Many(list(enumerate(self._literals[first:])), once=False)
