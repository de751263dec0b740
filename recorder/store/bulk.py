"""Interactions with all their content, in the order of their numbers: for whoever reads many.

Memory does not grow with their number: rows come a few hundred at a time, and of contents, lists and threads those that
were used last are kept. What was erased or is damaged is left out and told in `missing`; it keeps nobody from the rest.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Unpack

import msgspec
from sqlite_utils import Database

from recorder.errors import StoreError
from recorder.model import Slot
from recorder.store.blocks import Contents
from recorder.store.content import HEADERS, columns, join_details
from recorder.store.database import reading
from recorder.store.filters import Filters, conditions_of, where
from recorder.store.interactions import COLUMNS, read_row
from recorder.store.joining import Joining
from recorder.store.lists import Lists, News, Thread
from recorder.store.record_bodies import BodyReader
from recorder.store.results import Extent, ToolCallRow, Whole

_ROWS_AT_ONCE = 200
_AHEAD = 256
"""Parts that are decompressed with one that is asked for; a request and its answer have about eight."""
_MOST_CONTENT_BYTES = 32_000_000

_REFERENCES = ("envelope", "layout", "body", "answer", "error_message", *HEADERS)
_CHAINS = tuple(f"{slot}_chain" for slot in Slot)
_OWN = ", ".join(f"i.{name}" for name in (*_REFERENCES, *_CHAINS))

_SELECT = f"""
SELECT i.seq, i.erased_by, o.body, o.base, c.body, c.base, {_OWN}, {COLUMNS}
FROM interactions AS i JOIN records AS o ON o.seq = i.seq LEFT JOIN records AS c ON c.seq = i.closed_seq
"""  # noqa: S608 — made of our own names alone
_CALLS = """
SELECT t.interaction, t.block, t.tool_use_id, t.name, r.id, t.result_part, t.is_error, t.duration_ms
FROM json_each(?) AS wanted JOIN tool_calls AS t ON t.interaction = wanted.value
LEFT JOIN interactions AS r ON r.seq = t.result_interaction ORDER BY t.interaction, t.block
"""


def extent(db: Database, *, after: int = 0, model: str | None = None, **filters: Unpack[Filters]) -> Extent:
    """Say which interactions after number `after` match all filters: how many, and from which to which number."""
    sql, parameters = _conditions(filters, model)
    query = f"SELECT count(*), coalesce(min(i.seq), 0), coalesce(max(i.seq), 0) FROM interactions AS i {sql}"  # noqa: S608 — our own text
    with reading():
        return Extent(*db.execute(query, parameters | {"after": after, "to": 2**62}).fetchone())


def wholes(
    db: Database, *, after: int = 0, to: int, model: str | None = None, **filters: Unpack[Filters]
) -> Iterator[Whole]:
    """Yield the interactions after number `after`, up to and with number `to`, that match all filters.

    `model` matches the one asked for and the one that answered.
    """
    is_whole = model is None and all(value is None for name, value in filters.items() if name != "session")
    gathering = _Gathering(db, every=is_whole)
    sql, parameters = _conditions(filters, model, by_number=True)
    query = f"{_SELECT} {sql} ORDER BY i.seq LIMIT {_ROWS_AT_ONCE}"
    while True:
        with reading():
            rows = db.execute(query, parameters | {"after": after, "to": to}).fetchall()
            calls = gathering.calls([row[0] for row in rows])
        for row in rows:
            with reading():
                whole = gathering.gather(row, calls.get(row[0], []))
            yield whole
        if len(rows) < _ROWS_AT_ONCE:
            return
        after = rows[-1][0]


def whole(db: Database, id_prefix: str) -> Whole:
    """Return one interaction, by its id or the beginning of it. Raises StoreError when there is no such one."""
    seq = columns(db, id_prefix, "seq")["seq"]
    return next(wholes(db, after=seq - 1, to=seq))


def _conditions(filters: Any, model: str | None, *, by_number: bool = False) -> tuple[str, dict[str, Any]]:
    """Return a WHERE clause; `by_number`: rows are wanted in their order, so no other index is to be used.

    A session's index has them in that order too.
    """
    conditions, parameters = conditions_of(filters)
    if by_number:
        conditions = [c if c.startswith("i.session_id ") else f"+{c}" for c in conditions]
    if model is not None:
        plus = "+" if by_number else ""
        conditions.append(f"({plus}i.model = :model OR {plus}i.model_answered = :model)")
    return where(["i.seq > :after", "i.seq <= :to", *conditions]), parameters | {"model": model}


class _Gathering:
    def __init__(self, db: Database, *, every: bool) -> None:
        """`every`: all interactions come, or all of a session."""
        self._db = db
        self._bodies = BodyReader(db)
        self._contents = _RecentContents(Contents(db, ahead=_AHEAD))
        self._lists = Lists(db)
        self._news = News(db, self._lists, every=every)
        self._joining = Joining(self._lists, self._content_or_why)

    def calls(self, seqs: list[int]) -> dict[int, list[ToolCallRow]]:
        found: dict[int, list[ToolCallRow]] = {}
        for seq, block, use_id, name, result_id, part, is_error, ms in self._db.execute(
            _CALLS, (msgspec.json.encode(seqs).decode(),)
        ):
            row = ToolCallRow(
                index=block,
                tool_use_id=use_id,
                name=name,
                result_id=result_id,
                result_part_id=part,
                is_error=None if is_error is None else bool(is_error),
                duration_ms=ms,
            )
            found.setdefault(seq, []).append(row)
        return found

    def gather(self, values: tuple[Any, ...], calls: list[ToolCallRow]) -> Whole:
        seq, erased_by, opened, opened_base, closed, closed_base, *rest = values
        references = dict(zip(_REFERENCES, rest, strict=False))
        heads = dict(zip(Slot, rest[len(_REFERENCES) :], strict=False))
        row = read_row(rest[len(_REFERENCES) + len(_CHAINS) :])
        missing: list[str] = []
        contents = {name: self._content(part, missing) for name, part in references.items()}
        return Whole(
            seq=seq,
            row=row,
            details=join_details(
                msgspec.json.decode(self._bodies.text(opened, opened_base)),
                None if closed is None else msgspec.json.decode(self._bodies.text(closed, closed_base)),
                contents,
            ),
            request=self._request(contents, heads, missing),
            new=self._news.positions(seq, Thread(row.session_id, row.agent_id, row.flow_class), heads),
            answer=contents["answer"],
            calls=calls,
            missing=missing,
            erased_by=erased_by,
        )

    def _request(self, contents: dict[str, bytes | None], heads: dict[Slot, int | None], missing: list[str]) -> bytes:
        envelope = contents["envelope"]
        if envelope is None:
            return contents["body"] or b""
        return self._joining.body(envelope, contents["layout"], heads, missing)

    def _content(self, part: int | None, missing: list[str]) -> bytes | None:
        if part is None:
            return None
        content = self._content_or_why(part)
        if isinstance(content, str):
            missing.append(content)
            return None
        return content

    def _content_or_why(self, part: int) -> bytes | str:
        try:
            return self._contents.get(part)
        except StoreError as error:
            return str(error)


class _RecentContents:
    """The contents that were used last, up to a number of bytes."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._recent: OrderedDict[int, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, part: int) -> bytes:
        content = self._recent.get(part)
        if content is not None:
            self._recent.move_to_end(part)
            return content
        content = self._contents.get(part)
        self._recent[part] = content
        self._bytes += len(content)
        while self._bytes > _MOST_CONTENT_BYTES and len(self._recent) > 1:
            _, oldest = self._recent.popitem(last=False)
            self._bytes -= len(oldest)
        return content
