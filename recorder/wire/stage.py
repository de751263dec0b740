"""One content coding being undone: its members one after the other, and all that can go wrong in it."""

from collections.abc import Iterator

from recorder.wire.anomaly import Anomaly, anomaly
from recorder.wire.engines import MANY_MEMBERS
from recorder.wire.member import Member

_PIECE_BYTES = 16384
"""A member goes over the piece that fails byte by byte, so pieces are small."""


class Stage:
    """Undoes `coding`, a key of `ENGINES`, up to `limit_bytes` of output.

    In trouble it collects its input, for `anomaly()` to show. If nothing at all came out before the trouble, the input
    itself comes out as it came: most likely it never was in that coding.
    """

    def __init__(self, coding: str, limit_bytes: int) -> None:
        self._coding = coding
        self._limit_bytes = limit_bytes
        self._left_bytes = limit_bytes
        self._member: Member | None = None
        self._members = 0
        self._trouble: tuple[str, str] | None = None
        self._undecoded = bytearray()
        self._as_it_came = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what `data` amounts to, in bounded chunks; every chunk must be taken."""
        for at in range(0, len(data), _PIECE_BYTES):
            rest = data[at : at + _PIECE_BYTES]
            while rest and self._trouble is None:
                member = self._begin()
                if member is None:
                    break
                yield from self._limited(member.feed(rest))
                rest = self._after(member, rest)
            yield from self._collect(rest)

    def finish(self) -> Iterator[bytes]:
        """Say that the input is over; if nothing could be made of it, it comes out as it came."""
        if self._member is not None and self._trouble is None:
            yield from self._collect(
                self._fail(self._member, "coding_truncated", "the body ends before the coding does")
            )

    def anomaly(self) -> Anomaly | None:
        """Tell the trouble, with the bytes that could not be decoded (none if they came out as they came)."""
        if self._trouble is None:
            return None
        kind, detail = self._trouble
        return anomaly(kind, f"{self._coding}: {detail}", bytes(self._undecoded))

    def _begin(self) -> Member | None:
        """Give the member at hand or the next one; None when no other may follow."""
        if self._member is None:
            if self._members and self._coding not in MANY_MEMBERS:
                self._trouble = ("coding_trailing", "there are bytes behind the end")
                return None
            self._member = Member(self._coding)
            self._members += 1
        return self._member

    def _limited(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            yield chunk[: self._left_bytes]
            self._left_bytes -= len(chunk)
            if self._left_bytes < 0:
                self._trouble = (
                    "coding_limit",
                    f"more than {self._limit_bytes} bytes come out; the rest is not decoded",
                )
                return

    def _after(self, member: Member, fed: bytes) -> bytes:
        """Look at how a member took what it was fed; give the bytes that it did not take."""
        if self._trouble is not None:
            return fed
        if member.broken is not None:
            return self._fail(member, "coding_error", "the data is not valid")
        if member.rest is None:
            return b""
        self._member = None
        return member.rest

    def _fail(self, member: Member, kind: str, detail: str) -> bytes:
        if member.output_bytes:
            self._trouble = (kind, detail)
            return member.broken or b""
        if self._members > 1:
            self._trouble = ("coding_trailing", "there are bytes behind the end")
        else:
            self._trouble = (kind, f"{detail}; nothing could be decoded, so the body is kept as it came")
            self._as_it_came = True
        return member.input()

    def _collect(self, rest: bytes) -> Iterator[bytes]:
        if self._as_it_came:
            yield rest
        else:
            self._undecoded += rest
