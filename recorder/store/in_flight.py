"""The answers under way: pieces are added as they come and go with the end of the answer; no record tells of them.

What is deleted here leaves no byte in the file (`secure_delete`), as everywhere in it.
"""

from collections.abc import Iterator

import zstandard
from sqlite_utils import Database

from recorder.store.rows import InFlight

_LEVEL = 3
_MOST_BYTES = 1 << 30
"""Of one piece, decompressed: a damaged one must not take all memory."""

_ADD = """
INSERT INTO in_flight (interaction, position, content)
SELECT i.seq, coalesce((SELECT max(position) FROM in_flight WHERE interaction = i.seq), 0) + 1, ?
FROM interactions AS i WHERE i.id = ? AND i.closed_seq IS NULL
"""
_FIND = """
SELECT f.content FROM in_flight AS f JOIN interactions AS i ON i.seq = f.interaction WHERE i.id = ? ORDER BY f.position
"""
_STARTS_OVER = "DELETE FROM in_flight WHERE interaction = (SELECT seq FROM interactions WHERE id = ?)"


def add_in_flight(db: Database, row: InFlight) -> None:
    """Keep one more piece; of an answer that is not open here, nothing."""
    if row.starts_over:
        db.execute(_STARTS_OVER, (row.id,))
    db.execute(_ADD, (zstandard.ZstdCompressor(_LEVEL).compress(row.content), row.id))


def forget_in_flight(db: Database, seq: int) -> None:
    """Let go of an answer that is over; `seq` is its interaction's."""
    db.execute("DELETE FROM in_flight WHERE interaction = ?", (seq,))


def find_in_flight(db: Database, interaction_id: str) -> list[bytes]:
    """Return the pieces kept of an answer, in their order; those that cannot be read are left out."""
    found = []
    for (content,) in db.execute(_FIND, (interaction_id,)):
        try:
            found.append(zstandard.ZstdDecompressor().decompress(content, max_output_size=_MOST_BYTES))
        except zstandard.ZstdError:
            break  # what comes after a damaged piece does not go on from what came before
    return found


def every_in_flight(db: Database) -> Iterator[tuple[int, bytes]]:
    """Yield every piece with the number of its interaction's first record; of a damaged one its bytes as they are."""
    for seq, content in db.execute("SELECT interaction, content FROM in_flight ORDER BY interaction, position"):
        try:
            yield seq, zstandard.ZstdDecompressor().decompress(content, max_output_size=_MOST_BYTES)
        except zstandard.ZstdError:
            yield seq, content
