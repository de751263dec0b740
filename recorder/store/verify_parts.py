"""Every part against the record that brought it: there, of that kind and size, not erased without a record.

Strategy. Records and parts were written in the same order. So the rows of `parts` are read in step with the records,
and nothing has to be remembered but what is out of step: a row that is gone, or one that nobody spoke of. What the
parts contain is looked at apart from that: see `verify_contents`.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlite_utils import Database

from recorder.ledger.story import Announced, Erased
from recorder.ledger.verdict import Findings, Verdict
from recorder.store import driver
from recorder.store.database import reading
from recorder.store.erasing import root_of

_ROWS = """
SELECT kind, bytes, commitment, role, id, content IS NULL OR salt IS NULL OR erased_by IS NOT NULL
FROM parts ORDER BY id
"""
_BARE = """
SELECT erased_by, coalesce(block, id), content IS NULL, salt IS NULL, block IS NULL AND digest IS NULL
FROM parts WHERE id = ?
"""

type _Row = tuple[str, int, bytes, str | None, int, int]


class _Bare(NamedTuple):
    """A part without content or salt, or one that names an erasure."""

    id: int
    commitment: bytes
    erased_by: int | None
    has_content: bool
    is_empty: bool
    """Of all that an erasure takes."""


class PartRows:
    """The rows of `parts`, gone through in step with the records."""

    def __init__(self, db: Database, found: Findings, *, from_first: bool = True) -> None:
        """`from_first`: all parts will be spoken of; else those before the first that is are passed over."""
        self.count = 0
        """How many parts were spoken of, or are unknown."""
        self._db = db
        self._found = found
        self._rows = self._read()
        self._is_early = not from_first
        self._announced: dict[Announced, int] = {}
        self._unknown: dict[Announced, _Row] = {}
        self._ids, self._seqs = array("q"), array("q")
        self._bare: list[_Bare] = []
        self._broken: dict[int, int] = {}
        """Block → its first part without content: those after it cannot be read any more."""

    @property
    def first(self) -> int:
        """The number of the first part that was spoken of; one that none has when there was none."""
        return self._ids[0] if self._ids else 2**63 - 1

    def brought(self, seq: int, parts: Sequence[Announced]) -> None:
        """A record speaks of parts that are new with it."""
        for about in parts:
            row = self._unknown.pop(about, None) if self._unknown else None
            row = row or self._next(about)
            if row is None:
                self._announced[about] = seq
            else:
                self._meet(row, seq)

    def records_of(self, marked: Collection[int]) -> dict[int, set[int]]:
        """Return which of some parts a record brought, by its number."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for id_, seq in zip(self._ids, self._seqs, strict=True) if marked else ():
            if id_ in marked:
                found[seq].add(id_)
        return found

    def finish(self, erasures: Mapping[int, Erased]) -> None:
        """Say what was out of step to the end. `erasures`: the records that say that parts were erased, by number."""
        for row in self._rows:
            self._look(row)
            self._unknown[_about(row)] = row
        for row in self._unknown.values():
            self.count += 1
            self._found.add(Verdict.MODIFIED, f"part {row[4]} is none that a record brought")
        for about in self._announced:
            text = f"a part is gone: {about.kind}, {about.bytes} bytes, commitment {about.commitment[:16]}…"
            self._found.add(Verdict.CONTENT_MISSING, text)
        self._judge_bare(erasures)

    def judge(self, wrong: Sequence[int]) -> None:
        """Say what is wrong with contents: `wrong` are the parts whose content is not what was committed to."""
        for id_ in wrong:
            with reading():
                (block,) = self._db.execute("SELECT coalesce(block, id) FROM parts WHERE id = ?", (id_,)).fetchone()
            if self._broken.get(block, id_) < id_:
                text = f"part {id_} cannot be read without part {self._broken[block]}, which is gone"
                self._found.add(Verdict.CONTENT_MISSING, text)
            else:
                self._found.add(Verdict.MODIFIED, f"part {id_} is not what its record commits to")

    def _read(self) -> Iterator[_Row]:
        try:
            yield from self._db.execute(_ROWS)
        except (driver.Error, UnicodeDecodeError):
            self._found.add(Verdict.MODIFIED, "the parts cannot be read to their end")

    def _next(self, about: Announced) -> _Row | None:
        for row in self._rows:
            if row[5]:
                self._look(row)
            kind, size, commitment, role, *_ = row
            if (kind, size, role) == (about.kind, about.bytes, about.role) and commitment.hex() == about.commitment:
                self._is_early = False
                return row
            if (seq := self._announced.pop(_about(row), None)) is not None:
                self._meet(row, seq)
            elif not self._is_early:
                self._unknown[_about(row)] = row
                return None
        return None

    def _meet(self, row: _Row, seq: int) -> None:
        self.count += 1
        self._ids.append(row[4])
        self._seqs.append(seq)

    def _look(self, row: _Row) -> None:
        if row[5]:
            erased_by, block, no_content, no_salt, is_loose = self._db.execute(_BARE, (row[4],)).fetchone()
            is_empty = bool(no_content and no_salt and is_loose)
            self._bare.append(_Bare(row[4], row[2], erased_by, not (no_content or no_salt), is_empty))
            if no_content:
                self._broken.setdefault(block, row[4])

    def _judge_bare(self, erasures: Mapping[int, Erased]) -> None:
        gone: defaultdict[int, list[_Bare]] = defaultdict(list)
        for part in self._bare:
            if part.has_content:
                text = (
                    f"part {part.id} has content, and names record {part.erased_by} as the one by which it was erased"
                )
                self._found.add(Verdict.MODIFIED, text)
            elif part.erased_by is None or part.erased_by not in erasures:
                self._found.add(Verdict.CONTENT_MISSING, f"part {part.id} has no content, and no record says why")
            else:
                gone[part.erased_by].append(part)
        for seq, erasure in erasures.items():
            _verify_erasure(erasure, gone[seq], self._found)


def _about(row: _Row) -> Announced:
    kind, size, commitment, role, *_ = row
    return Announced(kind, size, commitment.hex(), role)


def _verify_erasure(erasure: Erased, gone: list[_Bare], found: Findings) -> None:
    """Content that was taken later and put on an erasure's account is content that no record speaks of."""
    if len(gone) < erasure.parts:
        text = f"record {erasure.seq} speaks of {erasure.parts} erased parts, of which {len(gone)} bear its number"
        found.add(Verdict.MODIFIED, text)
    elif len(gone) > erasure.parts or root_of([part.commitment for part in gone]).hex() != erasure.root:
        text = f"record {erasure.seq} speaks of {erasure.parts} erased parts, and not of all {len(gone)} in its name"
        found.add(Verdict.CONTENT_MISSING, text)
    else:
        for part in gone:
            if not part.is_empty:
                found.add(Verdict.MODIFIED, f"part {part.id} was erased, and not all of it is gone")
