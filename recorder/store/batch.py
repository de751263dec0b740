"""The work of one transaction of the writer: what of a batch is new, whether its parts are there, then row by row."""

from collections.abc import Iterator, Mapping, Sequence

from sqlite_utils import Database

from recorder.ledger.kinds import RecordKind
from recorder.model import Slot
from recorder.store.appending import Appender
from recorder.store.bodies import closed_body, opened_body
from recorder.store.chains import Chains, Extended
from recorder.store.deriving import derive_closed, derive_opened
from recorder.store.in_flight import add_in_flight, forget_in_flight
from recorder.store.keeping import last_erasure
from recorder.store.memory import Memory
from recorder.store.parts import Packed, Packer, Stored, look_up
from recorder.store.reservations import settle, used_tokens
from recorder.store.rows import EMPTY_LIST, Closed, Event, InFlight, MissingOpened, Opened, Row, SentOn
from recorder.store.stock import Stock


class Batch:
    """One batch; `pack` before the transaction, `write` in it, `publish` after it was committed."""

    def __init__(self, db: Database, packer: Packer, memory: Memory) -> None:
        self._db = db
        self._memory = memory
        self._chains = Chains(db, memory.nodes)
        self._stock = Stock(db, packer, memory, self._chains)
        self._seqs: dict[str, int] = {}

    def pack(self, batch: Sequence[Row]) -> None:
        """Hash what may be new, while other programs may still write."""
        self._stock.pack(batch)

    def write(self, batch: Sequence[Row]) -> Appender:
        """Write all rows; return the ledger's end. Raises MissingParts or MissingOpened before the first is written."""
        self._memory.erased(last_erasure(self._db))
        todo = self._without_known(batch)
        self._stock.find(todo)
        appender = Appender(self._db, self._memory.bodies)
        for row in todo:
            match row:
                case Opened():
                    self._write_opened(row, appender)
                case Closed():
                    self._write_closed(row, appender)
                case Event():
                    appender.event(row)
                case InFlight():
                    add_in_flight(self._db, row)
        self._stock.note_cleared()
        return appender

    def publish(self) -> None:
        """Let later batches know what this one found and made."""
        self._chains.publish()
        self._stock.publish()

    def _without_known(self, batch: Sequence[Row]) -> list[Row]:
        ids = {row.id for row in batch if isinstance(row, Opened | Closed)}
        found = list(look_up(self._db, "SELECT id, seq, closed_seq IS NOT NULL FROM interactions WHERE id IN", ids))
        self._seqs = {id_: seq for id_, seq, _ in found}
        closed = {id_ for id_, _, is_closed in found if is_closed}
        return list(_only_new(batch, opened=set(self._seqs), closed=closed))

    def _write_opened(self, row: Opened, appender: Appender) -> None:
        new: list[Packed] = []
        references = self._stock.take_own(row, new)
        references |= {
            name: self._stock.take(part, new)
            for name in ("envelope", "body")
            if (part := getattr(row, name)) is not None
        }
        chains = self._extended(row, new)
        sent = self._extended(row.sent, new) if row.sent else {}
        if row.sent:
            parts = {"sent_envelope": row.sent.envelope, "sent_body": row.sent.body}
            references |= {name: self._stock.take(part, new) for name, part in parts.items() if part is not None}
        body = opened_body(row, references, chains, sent, new)
        seq = self._seqs[row.id] = appender.record(RecordKind.OPENED, row.at_utc, body)
        heads = {slot: chain.head.id for slot, chain in chains.items()}
        columns = _ids(references) | {f"sent_{slot}_chain": chain.head.id for slot, chain in sent.items()}
        record = seq, row.at_utc, body
        derive_opened(self._db, record, columns, (heads, _new_messages(chains)), self._stock.marked)
        self._stock.marked.clear()

    def _write_closed(self, row: Closed, appender: Appender) -> None:
        new: list[Packed] = []
        references = self._stock.take_own(row, new)
        references |= {
            name: self._stock.take(part, new)
            for name in ("answer", "timing")
            if (part := getattr(row, name)) is not None
        }
        if row.provided and row.provided.answer is not None:
            references["provided_answer"] = self._stock.take(row.provided.answer, new)
        body = closed_body(row, references, new)
        closed_seq = appender.record(RecordKind.CLOSED, row.at_utc, body)
        record = closed_seq, row.at_utc, body
        derive_closed(self._db, record, self._seqs[row.id], _ids(references), self._stock.marked)
        settle(self._db, row.id, used_tokens(body))
        forget_in_flight(self._db, self._seqs[row.id])
        self._stock.marked.clear()

    def _extended(self, row: Opened | SentOn, new: list[Packed]) -> dict[Slot, Extended]:
        return {slot: self._extend(slot, row, new) for slot, links in row.chains.items() if links or slot in row.starts}

    def _extend(self, slot: Slot, row: Opened | SentOn, new: list[Packed]) -> Extended:
        links, start = row.chains[slot], row.starts.get(slot, EMPTY_LIST)
        known = self._chains.known_prefix(links, start)
        self._stock.take_all([link.part for link in links[known[1] :]], new)
        return self._chains.extend(links, self._stock.found, self._stock.inserted, known)


def _only_new(batch: Sequence[Row], *, opened: set[str], closed: set[str]) -> Iterator[Row]:
    missing: set[str] = set()
    for row in batch:
        if isinstance(row, Closed) and row.id not in opened:
            missing.add(row.id)
        if isinstance(row, Opened | Closed):
            seen = opened if isinstance(row, Opened) else closed
            if row.id in seen:
                continue
            seen.add(row.id)
        yield row
    if missing:
        raise MissingOpened(frozenset(missing))


def _ids(references: Mapping[str, Stored]) -> dict[str, int]:
    return {name: part.id for name, part in references.items()}


def _new_messages(chains: Mapping[Slot, Extended]) -> dict[int, int]:
    messages = chains.get(Slot.MESSAGES)
    return {} if messages is None else {messages.known + at: part.id for at, (part, _) in enumerate(messages.new)}
