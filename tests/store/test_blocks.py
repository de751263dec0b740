"""Parts as pieces of one stream: read in any order, and what damage and erasure reach."""

import random

import pytest
import zstandard

from recorder.errors import StoreError
from recorder.store import blocks
from recorder.store.blocks import BlockWriter, Contents, release
from recorder.store.database import transaction
from recorder.store.parts import Packer, insert_parts
from recorder.store.writer import Writer

WORDS = [f"word{number} " * 40 for number in range(30)]
CONTENTS = [b"", *(word.encode() for word in WORDS), b"", "ä".encode() * 70]


def fill(db, contents, writer=None):
    writer, packer = writer or BlockWriter(), Packer()
    with transaction(db):
        return [one.id for one in insert_parts(db, [packer.pack_own("error", content) for content in contents], writer)]


def blocks_of(db):
    return [row["block"] for row in db["parts"].rows]


def test_parts_are_read_in_any_order(db):
    ids = fill(db, CONTENTS)
    order = list(range(len(ids)))
    random.Random(7).shuffle(order)
    contents = Contents(db)
    assert [contents.get(ids[at]) for at in order] == [CONTENTS[at] for at in order]
    assert [Contents(db).get(id_) for id_ in ids] == CONTENTS
    assert list(contents.every()) == list(zip(ids, CONTENTS, strict=True))
    assert blocks_of(db) == [None, *[ids[0]] * (len(ids) - 1)]


def test_what_repeats_is_small(db):
    noise = random.Random(1).randbytes(20_000)
    fill(db, [noise, b"in between", noise])
    sizes = [len(row["content"]) for row in db["parts"].rows]
    assert sizes[0] > 20_000
    assert sizes[2] < 100


def test_the_pieces_of_a_block_are_one_stream_for_any_zstd(db):
    fill(db, CONTENTS)
    stream = b"".join(row["content"] for row in db["parts"].rows)
    assert zstandard.ZstdDecompressor().decompressobj().decompress(stream) == b"".join(CONTENTS)


def test_a_block_ends_when_it_is_full(db, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1000)
    ids = fill(db, [b"a" * 600, b"b" * 400, b"c", b"d" * 5000, b"e"])
    assert blocks_of(db) == [None, ids[0], None, None, None]
    assert [content for _, content in Contents(db).every()] == [b"a" * 600, b"b" * 400, b"c", b"d" * 5000, b"e"]


def test_writers_take_turns(db):
    writers = [BlockWriter() for _ in range(blocks._OPEN_BLOCKS + 2)]
    expected = {}
    for turn in range(3):
        for number, writer in enumerate(writers):
            content = f"{turn} {number} ".encode() * 9
            expected |= dict.fromkeys(fill(db, [content], writer), content)
    assert dict(Contents(db).every()) == expected
    contents = Contents(db)
    assert {id_: contents.get(id_) for id_ in reversed(expected)} == expected


def test_a_transaction_that_failed_leaves_no_hole(db, store, make):
    store.write([make.opened("a", ["one"])])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recorder.store.deriving.complete_calls", fail)
        with pytest.raises(RuntimeError):
            store.write([make.opened("b", ["one", "two"])])
    store.write([make.opened("c", ["one", "three"])])
    assert [content for _, content in Contents(db).every()] == [b'"one"', b'"three"']
    assert blocks_of(db) == [None, None]


def fail(*_):
    raise RuntimeError


@pytest.mark.parametrize("damage", ["x''", "x'00'", "substr(content, 1, length(content) - 2)", "x'ffffffff'"])
def test_damage_is_told(db, damage):
    ids = fill(db, [b"one" * 50, b"two" * 50, b"three" * 50])
    db.execute(f"UPDATE parts SET content = {damage} WHERE id = {ids[1]}")
    contents = Contents(db)
    for _ in range(2):
        assert contents.get(ids[0]) == b"one" * 50
        for id_ in ids[1:]:
            with pytest.raises(StoreError, match=f"part {ids[1]}: the content is damaged"):
                contents.get(id_)


def test_a_part_is_erased_once_the_later_ones_are_released(db):
    contents = [word.encode() for word in WORDS]
    ids = fill(db, contents)
    for gone in (0, 7, 29):
        release(db, [ids[gone]])
        db.execute("UPDATE parts SET content = NULL, salt = NULL WHERE id = ?", (ids[gone],))
        with pytest.raises(StoreError, match="erased"):
            Contents(db).get(ids[gone])
    left = [content for at, content in enumerate(contents) if at not in (0, 7, 29)]
    assert [content for _, content in Contents(db).every()] == left


def test_headers_and_layouts_that_repeat_are_stored_once(store, db, make):
    fields = {"headers": (("X-App", "cli"), ("Content-Length", "100"))}
    store.write([make.cut("a", b'{"messages":[1]}', **fields), make.cut("b", b'{"messages":[2]}', **fields)])
    store.write(
        [make.cut("c", b'{"messages":[3]}', request_bytes=7, headers=(("X-App", "cli"), ("Content-Length", "7")))]
    )
    Writer(db).write([make.cut("d", b'{"messages":[4]}', **fields)])
    rows = list(db["interactions"].rows)
    for name in ("request_headers", "layout"):
        first, second, third, other_writer = (row[name] for row in rows)
        assert first == second == third != other_writer


def test_what_was_erased_is_stored_again(store, db, make, erase):
    headers = (("X-App", "cli"),)
    store.write([make.opened("a", headers=headers)])
    erase("headers")
    store.write([make.opened("b", headers=headers)])
    assert [content for _, content in Contents(db).every()] == [b'[["X-App","cli"]]']
