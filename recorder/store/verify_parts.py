"""Every part against the record that brought it: there, of that kind and size, and with the content committed to."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.story import Announced, Erased
from recorder.ledger.verdict import Findings, Verdict
from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.erasing import root_of
from recorder.store.parts import commitment

_PARTS = """
SELECT id, kind, role, bytes, coalesce(block, id), content IS NULL OR salt IS NULL, content IS NULL, salt, commitment,
  erased_by
FROM parts ORDER BY id
"""


def verify_parts(
    db: Database,
    announced: set[Announced],
    erasures: Mapping[int, Erased],
    found: Findings,
    tick: Callable[[], None],
) -> int:
    """Check all parts; return how many there are. `announced` is emptied; `tick` is called for each part.

    `erasures`: the records that say that parts were erased, by number.
    """
    count = 0
    gone: defaultdict[int, list[bytes]] = defaultdict(list)
    contents = Contents(db)
    broken: dict[int, int] = {}
    """Block → its first part without content: those after it cannot be read any more."""
    with reading():
        for id_, kind, role, size, block, is_erased, is_gap, salt, committed, erased_by in db.execute(_PARTS):
            tick()
            count += 1
            if is_gap:
                broken.setdefault(block, id_)
            about = Announced(kind, size, committed.hex(), role)
            if about not in announced:
                found.add(Verdict.MODIFIED, f"part {id_} is none that a record brought")
                continue
            announced.discard(about)
            if is_erased and erased_by in erasures:
                gone[erased_by].append(committed)
            elif is_erased:
                found.add(Verdict.CONTENT_MISSING, f"part {id_} has no content, and no record says why")
            elif block in broken:
                found.add(
                    Verdict.CONTENT_MISSING, f"part {id_} cannot be read without part {broken[block]}, which is gone"
                )
            elif not _holds(contents, id_, salt, committed):
                found.add(Verdict.MODIFIED, f"part {id_} is not what its record commits to")
    for seq, erasure in erasures.items():
        _verify_erasure(erasure, gone[seq], found)
    for part in announced:
        text = f"a part is gone: {part.kind}, {part.bytes} bytes, commitment {part.commitment[:16]}…"
        found.add(Verdict.CONTENT_MISSING, text)
    return count


def _verify_erasure(erasure: Erased, gone: list[bytes], found: Findings) -> None:
    """Content that was taken later and put on an erasure's account is content that no record speaks of."""
    if len(gone) > erasure.parts or (len(gone) == erasure.parts and root_of(gone).hex() != erasure.root):
        text = f"record {erasure.seq} speaks of {erasure.parts} erased parts, and not of all {len(gone)} in its name"
        found.add(Verdict.CONTENT_MISSING, text)
    elif len(gone) < erasure.parts:
        text = f"record {erasure.seq} speaks of {erasure.parts} erased parts, of which {len(gone)} bear its number"
        found.add(Verdict.MODIFIED, text)


def _holds(contents: Contents, part: int, salt: bytes, committed: bytes) -> bool:
    try:
        return commitment(salt, contents.get(part)) == committed
    except (StoreError, KeyError, TypeError, MemoryError):  # its own piece, or one before it in its block
        return False
