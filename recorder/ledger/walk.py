"""The walk along all records: their numbers, their leaves, and the roots that checkpoints claim.

Strategy. A checkpoint that says "N records under this root" is checked by making the root anew when N records went by;
no consistency proof could say more. A record whose bytes and whose stored leaf hash disagree is named by its number,
and the stored hash goes on into the tree, so that one edit is not reported by every later checkpoint as well. Where
both were changed together, the two checkpoints around them are the closest that can be said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint, open_checkpoint
from recorder.ledger.leaf import leaf_hash, leaf_text
from recorder.ledger.merkle import Frontier
from recorder.ledger.note import UnknownKeyError, VerifierKey
from recorder.ledger.succession import Trust
from recorder.ledger.verdict import Findings, Verdict

_PLAIN = re.compile(rb"[A-Za-z0-9:._-]*", re.ASCII)


class Claim(msgspec.Struct, frozen=True):
    """A checkpoint whose signature holds, and where it comes from."""

    place: str
    checkpoint: Checkpoint


class Walk:
    """Takes the records in their order, then says what became of the claims."""

    def __init__(self, claims: Iterable[Claim], found: Findings) -> None:
        self.size = 0
        """The number of the last record."""
        self._frontier = Frontier()
        self._found = found
        self._whole = True
        self._claims: defaultdict[int, list[Claim]] = defaultdict(list)
        self._wrong: list[tuple[Claim, int]] = []
        self._confirmed = 0
        for claim in claims:
            self._claims[claim.checkpoint.size].append(claim)
        self._compare()

    @property
    def frontier(self) -> Frontier:
        """The tree of all records so far."""
        return self._frontier

    @property
    def root(self) -> bytes:
        """The root of all records so far."""
        return self._frontier.root()

    def record(self, seq: int, kind: bytes, at_utc: bytes, body: bytes, stored: bytes) -> None:
        """Take the next record as it is stored."""
        if self._leaf(seq, kind, at_utc, body) != stored and seq > self.size:
            self._found.add(Verdict.MODIFIED, f"record {seq} is not what its leaf hash was made of")
        self.leaf(seq, stored)

    def leaf(self, seq: int, stored: bytes) -> None:
        """Take the next record by its stored hash alone."""
        if seq != self.size + 1:
            if seq <= self.size:
                self._found.add(Verdict.MODIFIED, f"a record has the number {seq}, which none can have")
                return
            self._found.add(Verdict.MISSING, f"records {self.size + 1} to {seq - 1}")
            self._whole = False
        self.size = seq
        if self._whole:
            self._frontier.append(stored)
            if seq in self._claims:
                self._compare()

    def finish(self) -> None:
        """Judge the claims that the records do not bear out, and the records that no claim covers."""
        covered = 0
        for size, claims in sorted(self._claims.items()):
            covered = max(covered, size)
            if size > self.size:
                for claim in claims:
                    self._found.add(Verdict.TRUNCATED, f"{claim.place} knows {size} records, there are {self.size}")
        for claim, since in self._wrong:
            size = claim.checkpoint.size
            if size <= self._confirmed:
                self._found.add(Verdict.FORKED, f"{claim.place} was signed over other records than the first {size}")
            else:
                text = f"among records {since + 1} to {size} are some that {claim.place} was not signed over"
                self._found.add(Verdict.MODIFIED, text)
        if covered < self.size:
            self._found.add(Verdict.UNSIGNED, f"no checkpoint covers records {covered + 1} to {self.size}")

    def _leaf(self, seq: int, kind: bytes, at_utc: bytes, body: bytes) -> bytes | None:
        if _PLAIN.fullmatch(kind + at_utc) is None:
            return None
        return leaf_hash(leaf_text(seq, kind, at_utc, body))

    def _compare(self) -> None:
        size, root = self._frontier.size, self._frontier.root()
        for claim in self._claims.get(size, ()):
            if claim.checkpoint.root == root:
                self._confirmed = size
            else:
                self._wrong.append((claim, self._confirmed))


def read_claims(notes: Iterable[tuple[str, str]], trusted: Trust, found: Findings) -> list[Claim]:
    """Return the checkpoints by keys that are to be believed, of notes with their places; note what others are."""
    claims = []
    for place, note in notes:
        try:
            claims.append(Claim(place, open_checkpoint(note, _in_use(note, trusted))))
        except UnknownKeyError as error:
            if _opens(note, trusted.keys):
                found.add(Verdict.WRONG_KEY, f"{place} is {error}, in whose place another key had been put by then")
            elif _is_of_another_record(note, trusted.keys):
                origin = claimed_checkpoint(note).origin
                found.add(Verdict.FORKED, f"{place} is of another record, {origin}, by the same key")
            else:
                found.add(Verdict.WRONG_KEY, f"{place} is {error}, whose public key was not given")
        except ValueError as error:
            found.add(Verdict.MODIFIED, f"{place}: {error}")
    return claims


def _in_use(note: str, trusted: Trust) -> Sequence[VerifierKey]:
    """Return the keys that may have signed a checkpoint of that many records."""
    if not trusted.retired:
        return trusted.keys
    size = claimed_checkpoint(note).size
    return [key for key in trusted.keys if size < trusted.retired.get(key, size + 1)]


def _is_of_another_record(note: str, keys: Sequence[VerifierKey]) -> bool:
    try:
        origin = claimed_checkpoint(note).origin
    except ValueError:
        return False
    return _opens(note, [VerifierKey(origin, key.public) for key in keys])


def _opens(note: str, keys: Sequence[VerifierKey]) -> bool:
    try:
        open_checkpoint(note, keys)
    except ValueError:
        return False
    return True
