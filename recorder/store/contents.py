"""Everything that a database holds as text, piece by piece: for looking through all of it."""

from collections.abc import Iterator

from sqlite_utils import Database

from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.record_bodies import BodyReader


def every_content(db: Database) -> Iterator[tuple[str, bytes]]:
    """Yield where a content stands (`part 12`, `record 3`) and the content, JSON or text, decompressed."""
    with reading():
        for part_id, content in Contents(db).every():
            yield f"part {part_id}", content
        bodies = BodyReader(db)
        for seq, body, base in db.execute("SELECT seq, body, base FROM records ORDER BY seq"):
            yield f"record {seq}", bodies.text(body, base)
