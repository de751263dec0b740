"""Every part against the record that brought it: there, of that kind and size, and with the content committed to."""

from collections.abc import Callable

from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.ledger.story import Announced
from recorder.ledger.verdict import Findings, Verdict
from recorder.store.database import reading
from recorder.store.parts import commitment, unpack

_PARTS = "SELECT id, kind, role, bytes, content, salt, commitment FROM parts ORDER BY id"


def verify_parts(db: Database, announced: set[Announced], found: Findings, tick: Callable[[], None]) -> int:
    """Check all parts; return how many there are. `announced` is emptied; `tick` is called for each part."""
    count = 0
    with reading():
        for id_, kind, role, size, content, salt, committed in db.execute(_PARTS):
            tick()
            count += 1
            about = (kind, role, size, committed.hex())
            if about not in announced:
                found.add(Verdict.MODIFIED, f"part {id_} is none that a record brought")
                continue
            announced.discard(about)
            if content is None or salt is None:
                found.add(Verdict.CONTENT_MISSING, f"part {id_} has no content, and no record says why")
            elif not _holds(content, salt, size, committed):
                found.add(Verdict.MODIFIED, f"part {id_} is not what its record commits to")
    for kind, _, size, committed in announced:
        found.add(Verdict.CONTENT_MISSING, f"a part is gone: {kind}, {size} bytes, commitment {committed[:16]}…")
    return count


def _holds(content: bytes, salt: bytes, size: int, committed: bytes) -> bool:
    try:
        data = unpack(content)
    except (StoreError, MemoryError):  # a damaged frame can claim any size
        return False
    return len(data) == size and commitment(salt, data) == committed
