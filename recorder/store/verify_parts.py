"""Every part against the record that brought it: there, of that kind and size, and with the content committed to."""

from collections.abc import Callable

from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.story import Announced
from recorder.ledger.verdict import Findings, Verdict
from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.parts import commitment

_PARTS = """
SELECT id, kind, role, bytes, coalesce(block, id), content IS NULL OR salt IS NULL, content IS NULL, salt, commitment
FROM parts ORDER BY id
"""


def verify_parts(db: Database, announced: set[Announced], found: Findings, tick: Callable[[], None]) -> int:
    """Check all parts; return how many there are. `announced` is emptied; `tick` is called for each part."""
    count = 0
    contents = Contents(db)
    broken: dict[int, int] = {}
    """Block → its first part without content: those after it cannot be read any more."""
    with reading():
        for id_, kind, role, size, block, is_erased, is_gap, salt, committed in db.execute(_PARTS):
            tick()
            count += 1
            if is_gap:
                broken.setdefault(block, id_)
            about = (kind, role, size, committed.hex())
            if about not in announced:
                found.add(Verdict.MODIFIED, f"part {id_} is none that a record brought")
                continue
            announced.discard(about)
            if is_erased:
                found.add(Verdict.CONTENT_MISSING, f"part {id_} has no content, and no record says why")
            elif block in broken:
                found.add(
                    Verdict.CONTENT_MISSING, f"part {id_} cannot be read without part {broken[block]}, which is gone"
                )
            elif not _holds(contents, id_, salt, committed):
                found.add(Verdict.MODIFIED, f"part {id_} is not what its record commits to")
    for kind, _, size, committed in announced:
        found.add(Verdict.CONTENT_MISSING, f"a part is gone: {kind}, {size} bytes, commitment {committed[:16]}…")
    return count


def _holds(contents: Contents, part: int, salt: bytes, committed: bytes) -> bool:
    try:
        return commitment(salt, contents.get(part)) == committed
    except (StoreError, KeyError, TypeError, MemoryError):  # its own piece, or one before it in its block
        return False
