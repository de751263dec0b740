import hashlib

from recorder.store.blocks import BlockWriter
from recorder.store.database import transaction
from recorder.store.parts import SALT_BYTES, Packer, commitment, find_parts, insert_parts, look_up


def test_pack(make):
    part = make.part("message", "hi" * 1000, "user")
    packed = Packer(lambda size: b"s" * size).pack(part)
    assert packed.commitment == hashlib.sha256(b"s" * 32 + part.content).digest() == commitment(b"s" * 32, part.content)
    assert (packed.kind, packed.role, packed.digest, packed.size_bytes) == ("message", "user", part.digest, 2002)
    assert packed.content == part.content


def test_salts_are_random(make):
    packer, part = Packer(), make.part("message", "hi")
    first, second = packer.pack(part), packer.pack(part)
    assert len(first.salt) == SALT_BYTES == 32
    assert first.salt != second.salt
    assert first.commitment != second.commitment


def test_find(db, make):
    packer = Packer()
    parts = [make.part("message", number) for number in range(1300)]
    with transaction(db):
        stored = {part.digest: insert_parts(db, [packer.pack(part)], BlockWriter())[0] for part in parts[::2]}
    assert find_parts(db, [part.digest for part in parts]) == stored
    assert find_parts(db, []) == {}


def test_own_parts_are_never_found_by_digest(db):
    packer = Packer()
    ids = {insert_parts(db, [packer.pack_own("headers", b"[]")], BlockWriter())[0].id for _ in range(2)}
    assert len(ids) == 2
    assert [row["digest"] for row in db["parts"].rows] == [None, None]


def test_answers_and_timings_are_never_found_by_digest(make):
    digests = {kind: Packer().pack(make.part(kind, "x")).digest for kind in ("answer", "timing", "message", "body")}
    assert {kind for kind, digest in digests.items() if digest is None} == {"answer", "timing"}


def test_look_up_takes_any_number(db):
    assert [row[0] for row in look_up(db, "SELECT 1 WHERE 'x700' IN", [f"x{number}" for number in range(1201)])] == [1]


def test_every_part_has_a_salt_of_its_own(make):
    packer, part = Packer(), make.part("message", "the same")
    salts = [packer.pack(part).salt for _ in range(100)]
    assert len(set(salts)) == 100
    assert {len(salt) for salt in salts} == {32}
