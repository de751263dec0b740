"""The lists in `chains`: each node is what its digest was made of."""

from sqlite_utils import Database

from recorder.store.chains import ROOT, node_digest
from recorder.store.database import reading

_NODES = """
SELECT c.id, c.parent, c.lead, c.position, c.digest, p.commitment, up.digest, up.position
FROM chains AS c LEFT JOIN parts AS p ON p.id = c.part LEFT JOIN chains AS up ON up.id = c.parent
WHERE c.id BETWEEN ? AND ? ORDER BY c.id
"""


def wrong_nodes(db: Database, first: int, last: int) -> list[int]:
    """Return those nodes from one number to another that are not what they should be. Raises StoreError."""
    wrong = []
    with reading():
        for id_, parent, lead, position, digest, commitment, above, before in db.execute(_NODES, (first, last)):
            start, at = (ROOT.digest, 0) if parent is None else (above or b"", -1 if before is None else before + 1)
            if position != at or node_digest(start, commitment or b"", lead) != digest:
                wrong.append(id_)
    return wrong
