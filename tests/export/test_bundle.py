"""A session as a bundle and back: what is read of it is the same, and what was touched does not come in."""

import copy
import hashlib
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard

from recorder.again.tape import load_tape
from recorder.errors import RecorderError, StoreError
from recorder.export import unbundle
from recorder.export.bundle import Bundling
from recorder.export.unbundle import read_bundle
from recorder.ledger.kinds import RecordKind
from recorder.ledger.note import SigningKey
from recorder.store import queries
from recorder.store.backup import back_up
from recorder.store.choice import Choice
from recorder.store.database import is_imported, open_reader, open_writer
from recorder.store.importing import write_imported
from recorder.store.keeping import Order
from recorder.store.writer import Writer
from recorder.view import asjson, misses
from recorder.view.conversation import load_conversation
from recorder.view.plain import lines_of
from recorder.view.show import show
from recorder.view.tree import tree

SESSION = "5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00"


@pytest.fixture(scope="session")
def bundled(sample_path):
    written = []
    with open_reader(sample_path) as db:
        Bundling(db, SESSION, written.append).run(lambda _done, _total: None)
    return b"".join(written)


@pytest.fixture(scope="session")
def lines(bundled):
    return [json.loads(line) for line in unpacked(bundled).splitlines()]


def unpacked(data):
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def packed(lines):
    """Pack lines anew, with an end that fits them."""
    data = b"".join(dumped(line) + b"\n" for line in lines[:-1])
    end = lines[-1] | {"end": lines[-1]["end"] | {"sha256": hashlib.sha256(data).hexdigest()}}
    return zstandard.ZstdCompressor().compress(data + dumped(end) + b"\n")


def dumped(line):
    if "record" in line:  # canonical, as the ledger has it
        line = {"record": line["record"], "erased_by": line["erased_by"]}
        return json.dumps(line, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()
    return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode()


def bring_in(data, folder: Path):
    file, path = folder / "s.bundle", folder / "s.db"
    for one in (file, path):
        one.unlink(missing_ok=True)
    file.write_bytes(data)
    with read_bundle(file) as bundle:
        write_imported(path, bundle.rows())
    return path


def read(path, session=SESSION):
    """Read all that commands show of a session, and what a replay serves."""
    with open_reader(path) as db:
        rows = queries.list_interactions(db, session=session)
        tape = load_tape(db, session)
        return {
            "session": queries.get_session(db, session),
            "wholes": list(queries.wholes(db, to=2**62, session=session)),
            "json": [asjson.conversation(db, row.id) for row in rows],
            "shown": [lines_of(show(load_conversation(db, row.id), whole=True)) for row in rows],
            "tree": lines_of(tree(queries.get_session(db, session), queries.session_agents(db, session))),
            "tape": [take for queue in tape._left.values() for take in queue],
            "misses": misses.explain_session(db, session),
            "timing": [queries.timing(db, row.id) for row in rows],
        }


def test_what_comes_in_reads_as_the_original(sample_path, bundled, tmp_path):
    path = bring_in(bundled, tmp_path)
    assert read(path) == read(sample_path)
    with open_reader(path) as db:
        assert [row.id for row in queries.list_sessions(db)] == [SESSION]
        assert is_imported(db)
        leaves = {record.seq: record.leaf_hash for record in queries.records(db)}
    with open_reader(sample_path) as db:
        original = {record.seq: record.leaf_hash for record in queries.records(db)}
    assert leaves == {seq: original[seq] for seq in leaves}
    assert any(after - before > 1 for before, after in pairwise(leaves)) or len(leaves) < len(original)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["s.bundle", "s.db", "s.db.totals"]


def test_nothing_is_recorded_into_it(bundled, tmp_path):
    path = bring_in(bundled, tmp_path)
    with pytest.raises(StoreError, match="holds an imported session and is there to be read"):
        open_writer(path)


def test_what_was_erased_stays_erased(tmp_path, sample_path):
    original = tmp_path / "r.db"
    with open_reader(sample_path) as db:
        back_up(db, original)
        going = queries.list_interactions(db, session=SESSION)[2].id
    choice, key = Choice(interactions=(going,)), SigningKey(os.urandom(32))
    writer = Writer(open_writer(original), key=key)
    writer.erase(Order(kind=RecordKind.ERASURE, choice=choice, at_utc="2026-11-25T00:00:00.000Z", by="ada"))
    writer.db.close()
    written = []
    with open_reader(original) as db:
        bundling = Bundling(db, SESSION, written.append)
        bundling.run(lambda _done, _total: None)
    assert bundling.erased
    path = bring_in(b"".join(written), tmp_path)
    with open_reader(path) as db, open_reader(original) as before:
        found = list(queries.wholes(db, to=2**62, session=SESSION))
        assert found == list(queries.wholes(before, to=2**62, session=SESSION))
    assert [whole.row.id for whole in found if whole.erased_by] == [going]


def part_line(lines):
    return next(line for line in lines if "part" in line and line["part"]["kind"] == "message")


def test_said_otherwise_with_a_digest_that_fits(lines, tmp_path):
    touched = copy.deepcopy(lines)
    part = part_line(touched)["part"]
    part["text"] = part["text"].replace("a", "b", 1)
    with pytest.raises(StoreError, match=f"part {part['id']} is not what the record commits to"):
        bring_in(packed(touched), tmp_path)
    salt = bytes.fromhex(part["salt"])
    part["commitment"] = hashlib.sha256(salt + part["text"].encode()).hexdigest()
    with pytest.raises(StoreError, match=r"is none that a recorder wrote|is not here"):
        bring_in(packed(touched), tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["s.bundle"]


@pytest.mark.parametrize("kind", ["part", "list", "record"])
def test_taken_out_with_a_digest_that_fits(lines, tmp_path, kind):
    at = next(n for n, line in enumerate(lines) if kind in line)
    touched = lines[:at] + lines[at + 1 :]
    touched[-1] = {"end": lines[-1]["end"] | {f"{kind}s": lines[-1]["end"][f"{kind}s"] - 1}}
    with pytest.raises(StoreError):
        bring_in(packed(touched), tmp_path)


def test_every_byte_counts(bundled, tmp_path):
    for at in range(0, len(bundled), 97):
        data = bytearray(bundled)
        data[at] ^= 1
        with pytest.raises(RecorderError):
            bring_in(bytes(data), tmp_path)
    for length in (0, 1, 30, len(bundled) // 2, len(bundled) - 5):
        with pytest.raises(RecorderError):
            bring_in(bundled[:length], tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["s.bundle"]


def test_a_digest_that_does_not_fit(lines, tmp_path):
    touched = packed(lines)
    text = unpacked(touched).replace(lines[-1]["end"]["sha256"][:8].encode(), b"00000000")
    text = text.replace(b'"sha256":"', b'"sha256":"f', 1) if b"00000000" not in text else text
    with pytest.raises(StoreError, match="is not what was written"):
        bring_in(zstandard.ZstdCompressor().compress(text), tmp_path)


def test_behind_the_end_and_of_the_wrong_kind(lines, tmp_path):
    text = unpacked(packed(lines))
    with pytest.raises(StoreError, match="behind its end"):
        bring_in(zstandard.ZstdCompressor().compress(text + b'{"part":null}\n'), tmp_path)
    for data in (b"", b"PK\x03\x04", zstandard.ZstdCompressor().compress(b'{"name":"../../etc/passwd"}\n')):
        with pytest.raises(RecorderError, match="is no bundle"):
            bring_in(data, tmp_path)
    newer = copy.deepcopy(lines)
    newer[0]["bundle"]["version"] = 2
    with pytest.raises(RecorderError, match="made by a newer recorder"):
        bring_in(packed(newer), tmp_path)


def test_a_bomb_costs_what_a_line_may_have(lines, tmp_path, monkeypatch):
    monkeypatch.setattr(unbundle, "_MOST_LINE_BYTES", 1_000_000)
    head = json.dumps(lines[0]).replace('": ', '":').encode()
    bomb = zstandard.ZstdCompressor().compress(head + b"\n" + b'{"part":"' + bytes(50_000_000))
    assert len(bomb) < 20_000
    with pytest.raises(StoreError, match="holds more than a session can"):
        bring_in(bomb, tmp_path)
    monkeypatch.setattr(unbundle, "_MOST_BYTES", 3_000)
    with pytest.raises(StoreError, match="holds more than a session can"):
        bring_in(packed(lines), tmp_path)


STRANGE = (None, True, -5, 2**52, "", "strange", [], {}, ["x"], {"x": 1})


def places(value):
    """Yield each member of a record, however deep, as the object that holds it and its name."""
    for name in value:
        yield value, name
        if isinstance(value[name], dict):
            yield from places(value[name])


@pytest.mark.parametrize("kind", ["opened", "closed"])
def test_records_that_say_anything(lines, tmp_path, kind):
    """Whatever a record says: it does not come in, or it can be read. Nothing else is ever raised."""
    at = max(n for n, line in enumerate(lines) if "record" in line and line["record"]["kind"] == kind)
    fine = 0
    for number in range(sum(1 for _ in places(lines[at]["record"]))):
        for strange in STRANGE:
            touched = copy.deepcopy(lines)
            place, name = list(places(touched[at]["record"]))[number]
            place[name] = strange
            try:
                read(bring_in(packed(touched), tmp_path))
                fine += 1
            except RecorderError:
                continue
            except Exception as error:
                error.add_note(f"{name}: {strange!r}")
                raise
    assert fine
