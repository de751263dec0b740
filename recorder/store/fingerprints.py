"""Secrets that are known by several fingerprints, since the key was rotated between two times they were seen."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from recorder.store.database import reading

_SEEN = "SELECT 1 FROM secrets WHERE fingerprint = ?"
_LINKED = "SELECT 1 FROM fingerprint_links WHERE former = ? AND fingerprint = ?"

type Link = tuple[str, str]
"""A fingerprint, and what it was under a former key; hex."""


def links_to_note(db: Database, links: Iterable[Link]) -> list[Link]:
    """Return those links that say something: the former name was seen here, and the link is not on record yet."""
    with reading():
        return [
            link
            for link in dict.fromkeys(links)
            if _is_worth_noting(db, bytes.fromhex(link[0]), bytes.fromhex(link[1]))
        ]


def insert_links(db: Database, record: int, body: Mapping[str, Any]) -> None:
    """Take in what a `key` record says of fingerprints; inside of a transaction."""
    for link in body.get("links", ()):
        row = (bytes.fromhex(link["former"]), bytes.fromhex(link["fingerprint"]), record)
        db.execute("INSERT OR IGNORE INTO fingerprint_links (former, fingerprint, record) VALUES (?, ?, ?)", row)


def newest_names(db: Database) -> dict[str, str]:
    """Map each former fingerprint to the latest one of the same secret; hex."""
    rows = db.execute("SELECT lower(hex(former)), lower(hex(fingerprint)) FROM fingerprint_links ORDER BY record")
    later = dict(rows.fetchall())  # of several, the one noted last
    return {former: _last(later, former) for former in later}


def _is_worth_noting(db: Database, fingerprint: bytes, former: bytes) -> bool:
    seen = db.execute(_SEEN, (former,)).fetchone()
    return seen is not None and db.execute(_LINKED, (former, fingerprint)).fetchone() is None


def _last(later: Mapping[str, str], name: str) -> str:
    passed = {name}
    while (following := later.get(name)) is not None and following not in passed:
        passed.add(following)
        name = following
    return name
