"""Which interaction refers to which part: by a column of its own, or by one of its lists.

The columns are read from the schema: whichever refer to a part or to a list.
"""

from collections.abc import Set as AbstractSet

from sqlite_utils import Database

_COLUMNS = 'SELECT "from" FROM pragma_foreign_key_list(\'interactions\') WHERE "table" = ? ORDER BY id'
_IN_LISTS = """
WITH RECURSIVE nodes(id) AS (
  {heads}
  UNION
  SELECT c.parent FROM chains AS c JOIN nodes ON c.id = nodes.id WHERE c.parent IS NOT NULL
)
SELECT DISTINCT c.part FROM nodes JOIN chains AS c ON c.id = nodes.id
"""


def parts_of(db: Database, interactions: AbstractSet[int]) -> set[int]:
    """Return the parts that these interactions refer to."""
    return _parts_of(db, interactions, "IN")


def parts_of_others(db: Database, interactions: AbstractSet[int]) -> set[int]:
    """Return the parts that the interactions beside these refer to."""
    return _parts_of(db, interactions, "NOT IN")


def interactions_with(db: Database, parts: AbstractSet[int]) -> set[int]:
    """Return the interactions that refer to one of the parts."""
    if not parts:
        return set()
    nodes: set[int] = set()
    for node, parent, part in db.execute("SELECT id, parent, part FROM chains ORDER BY id"):  # parents come first
        if part in parts or parent in nodes:
            nodes.add(node)
    direct, lists = part_columns(db), list_columns(db)
    found = set()
    for seq, *values in db.execute(f"SELECT seq, {', '.join(direct + lists)} FROM interactions"):  # noqa: S608 — names are ours
        if not parts.isdisjoint(values[: len(direct)]) or not nodes.isdisjoint(values[len(direct) :]):
            found.add(seq)
    return found


def part_columns(db: Database) -> list[str]:
    """Name the columns of interactions that refer to a part."""
    return [name for (name,) in db.execute(_COLUMNS, ("parts",))]


def list_columns(db: Database) -> list[str]:
    """Name the columns of interactions that refer to a list."""
    return [name for (name,) in db.execute(_COLUMNS, ("chains",))]


def _parts_of(db: Database, interactions: AbstractSet[int], how: str) -> set[int]:
    # A table of this connection alone; it lies in memory.
    db.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (seq INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM temp.chosen")
    db.conn.executemany("INSERT INTO temp.chosen VALUES (?)", [(seq,) for seq in interactions])
    which = f"seq {how} (SELECT seq FROM temp.chosen)"  # noqa: S608 — names are ours
    direct, lists = part_columns(db), list_columns(db)
    rows = db.execute(f"SELECT {', '.join(direct)} FROM interactions WHERE {which}")  # noqa: S608 — names are ours
    found = {part for row in rows for part in row if part is not None}
    heads = " UNION ".join(
        f"SELECT {name} FROM interactions WHERE {name} IS NOT NULL AND {which}"  # noqa: S608 — names are ours
        for name in lists
    )
    found.update(part for (part,) in db.execute(_IN_LISTS.format(heads=heads)))
    return found
