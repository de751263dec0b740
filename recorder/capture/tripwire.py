"""The last look at a row before it is committed: what was redacted, as it will be stored.

Only what is new is looked at: a part that is stored already was looked at when it was. A hit is a fault of redaction;
the content does not reach the disk, the metadata and the place do.
"""

from collections.abc import Iterator

import msgspec

from recorder.capture.withheld import without_content
from recorder.redact import Redactor
from recorder.store.rows import Closed, NewPart, Opened, Part, SentOn


class TrippedError(Exception):
    """A secret stands among the row's own texts: nothing that was made of the exchange may be stored."""


def inspected[R: Opened | Closed](row: R, redactor: Redactor) -> R:
    """Return the row, without its content when a secret is in that. Raises TrippedError for one in its texts."""
    parts = list(_new(row))
    # One look at all of it tells, nearly always, that there is nothing in any.
    if not redactor.left_in(*(part.content for part in parts), _texts(row)):
        return row
    hits = [f"{kind} in a part of the kind {part.kind}" for part in parts for kind in redactor.left_in(part.content)]
    rest = row
    if hits:
        reason = f"the tripwire found {', '.join(dict.fromkeys(hits))}"
        rest = without_content(row, reason)
    if found := redactor.left_in(_texts(rest)):
        raise TrippedError(f"the tripwire found {', '.join(found)} among what is said about the exchange")
    return rest


def _new(row: Opened | Closed) -> Iterator[NewPart]:
    parts: list[Part | None] = []
    if isinstance(row, Closed):
        parts += (row.answer, row.timing, row.provided.answer if row.provided else None)
    else:
        for half in _halves(row):
            parts += (half.envelope, half.body, *(link.part for links in half.chains.values() for link in links))
    return (part for part in parts if isinstance(part, NewPart))


def _halves(row: Opened) -> list[Opened | SentOn]:
    """Return what the client sent and, where that is something else, what the provider was sent."""
    return [row, row.sent] if row.sent else [row]


def _bare[H: (Opened, SentOn)](half: H) -> H:
    return msgspec.structs.replace(half, envelope=None, body=None, chains={}, starts={}, marks=())


def _texts(row: Opened | Closed) -> bytes:
    """Serialise what the row says beside its parts."""
    if isinstance(row, Closed):
        provided = msgspec.structs.replace(row.provided, answer=None) if row.provided else None
        return msgspec.json.encode(msgspec.structs.replace(row, answer=None, timing=None, provided=provided))
    bare = msgspec.structs.replace(_bare(row), sent=_bare(row.sent) if row.sent else None)
    halves = _halves(row)
    marks = (data for half in halves for *_, data in half.marks)
    lists = (links for half in halves for links in half.chains.values())
    leads = (link.lead for links in lists for link in links if link.lead is not None)
    roles = {part.role for part in _new(row) if part.role is not None}
    return b"\n".join((msgspec.json.encode((bare, sorted(roles))), *marks, *leads))
