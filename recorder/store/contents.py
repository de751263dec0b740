"""Everything that a database holds as text, piece by piece: for looking through all of it."""

from collections.abc import Iterator

from sqlite_utils import Database

from recorder.store.database import reading
from recorder.store.parts import unpack


def every_content(db: Database) -> Iterator[tuple[str, bytes]]:
    """Yield where a content stands (`part 12`, `record 3`) and the content, JSON or text, decompressed."""
    with reading():
        for part_id, content in db.execute("SELECT id, content FROM parts WHERE content IS NOT NULL ORDER BY id"):
            yield f"part {part_id}", unpack(content)
        for seq, body in db.execute("SELECT seq, body FROM records ORDER BY seq"):
            yield f"record {seq}", body.encode() if isinstance(body, str) else body
