"""Bodies compressed with one another: the same text comes back, whoever wrote it and whatever failed."""

import json

import pytest
import zstandard

from recorder.errors import StoreError
from recorder.ledger.kinds import RecordKind
from recorder.ledger.leaf import leaf_bytes, leaf_hash
from recorder.store import record_bodies
from recorder.store.queries import records
from recorder.store.record_bodies import BodyReader, BodyWriter
from recorder.store.writer import Writer


def bases(db):
    return [(row["kind"], isinstance(row["body"], bytes), row["base"]) for row in db["records"].rows]


def test_the_later_ones_name_an_earlier_one(store, db, make):
    for name in "abc":
        store.write([make.opened(name), make.closed(name)])
    store.write([make.event(RecordKind.GAP, reason="x"), make.event(RecordKind.GAP, reason="y")])
    pair = [("opened", True, 1), ("closed", True, 2)]
    assert bases(db) == [("opened", False, None), ("closed", False, None), *pair, *pair, *[("gap", False, None)] * 2]
    sizes = [len(row["body"]) for row in db["records"].rows]
    assert sizes[2] < sizes[0] / 3


def test_leaves_are_over_the_text(store, reader, db, make):
    for name in "abc":
        store.write([make.opened(name), make.closed(name)])
    for record in records(reader):
        assert leaf_hash(leaf_bytes(record.seq, record.kind, record.at_utc, record.body)) == record.leaf_hash
    bodies = BodyReader(db)
    texts = [bodies.text(row["body"], row["base"]) for row in db["records"].rows]
    assert [json.loads(text) for text in texts] == [record.body for record in records(reader)]


def test_any_zstd_reads_them(store, db, make):
    store.write([make.opened("a"), make.opened("b")])
    base, other = (row["body"] for row in db["records"].rows)
    dictionary = zstandard.ZstdCompressionDict(base.encode(), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    assert json.loads(zstandard.ZstdDecompressor(dict_data=dictionary).decompress(other))["id"] == "b"


def test_a_base_serves_for_more_and_more(monkeypatch):
    monkeypatch.setattr(record_bodies, "_FIRST_SERVES", 2)
    monkeypatch.setattr(record_bodies, "_MOST_SERVED", 30)
    writer = BodyWriter()
    found = [writer.pack(seq, RecordKind.OPENED, b"{}")[1] for seq in range(1, 90)]
    assert [seq for seq, base in enumerate(found, 1) if base is None] == [1, 4, 25, 56, 87]
    assert found[2] == 1
    assert found[-1] == 87


def test_a_transaction_that_failed_leaves_no_base(store, reader, db, make, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("recorder.store.deriving.complete_calls", fail)
        with pytest.raises(RuntimeError):
            store.write([make.opened("a")])
    store.write([make.event(RecordKind.GAP), make.opened("b")])
    store.write([make.opened("c")])
    assert [base for *_, base in bases(db)] == [None, None, 2]
    assert [record.body.get("id") for record in records(reader)] == [None, "b", "c"]


def fail(*_):
    raise RuntimeError


def test_each_writer_has_its_own_and_a_reader_reads_all(store, db, reader, make, monkeypatch):
    monkeypatch.setattr(record_bodies, "_OPEN_BASES", 1)
    other = Writer(db)
    for number in range(3):
        store.write([make.opened(f"a{number}")])
        other.write([make.opened(f"b{number}")])
    assert [base for *_, base in bases(db)] == [None, None, 1, 2, 1, 2]
    assert [record.body["id"] for record in records(reader)] == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_damage_is_told(store, db, make):
    store.write([make.opened("a"), make.opened("b")])
    with pytest.raises(StoreError, match="damaged"):
        BodyReader(db).text(b"\x28\xb5\x2f\xfd", 1)
