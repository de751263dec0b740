"""Sets of numbers of rows, a bit each: for what is chosen out of millions, where integers take sixty bytes each."""

from collections.abc import Iterable, Iterator

_BITS = 2048
"""Numbers to a page; one that has none of them is not there, so that a few numbers far apart cost little."""


class Numbers:
    """A set of integers of up to 64 bits."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._pages: dict[int, bytearray] = {}
        self._count = 0
        for number in numbers:
            self.add(number)

    def add(self, number: int) -> bool:
        """Take a number in; tells whether it was not there."""
        at, bit = divmod(number, _BITS)
        page = self._pages.setdefault(at, bytearray())
        if not page:
            page.extend(bytes(_BITS // 8))
        is_new = not page[bit >> 3] & 1 << (bit & 7)
        page[bit >> 3] |= 1 << (bit & 7)
        self._count += is_new
        return is_new

    def __contains__(self, number: int) -> bool:
        page = self._pages.get(number // _BITS)
        bit = number % _BITS
        return page is not None and bool(page[bit >> 3] & 1 << (bit & 7))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        """Yield them in ascending order."""
        for at in sorted(self._pages):
            for byte, bits in enumerate(self._pages[at]):
                yield from (at * _BITS + byte * 8 + bit for bit in range(8) if bits & 1 << bit)
