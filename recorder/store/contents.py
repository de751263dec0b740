"""Everything that a database holds as text, piece by piece: for looking through all of it."""

from collections.abc import Iterator

from sqlite_utils import Database

from recorder.store.blocks import Contents
from recorder.store.database import reading
from recorder.store.in_flight import every_in_flight
from recorder.store.record_bodies import BodyReader


def every_content(db: Database) -> Iterator[tuple[str, bytes]]:
    """Yield where a content stands and the content, JSON or text, decompressed.

    Where: `part 12`, `record 3`, `answer under way 7`.
    """
    with reading():
        for part_id, content in Contents(db).every():
            yield f"part {part_id}", content
        bodies = BodyReader(db)
        for seq, body, base in db.execute("SELECT seq, body, base FROM records ORDER BY seq"):
            yield f"record {seq}", bodies.text(body, base)
        for position, content in every_in_flight(db):
            yield f"answer under way {position}", content
