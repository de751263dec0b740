#!/usr/bin/env python3
"""Verify the ledger of a recorder's database, or of an export of it, with nothing but Python's standard library.

    verify_ledger.py records.db --public-key key.txt --checkpoint kept-elsewhere.txt
    verify_ledger.py export.jsonl --public-key key.txt

To be read by somebody who trusts neither the recorder nor its authors: it shares no code with it. The format is in
docs/ledger-format.md. The content that records commit to and the tables made from them are not checked here.
"""

import argparse
import base64
import contextlib
import hashlib
import json
import re
import sqlite3
from pathlib import Path

try:
    from compression import zstd  # Python 3.14 and newer
except ImportError:
    zstd = None

# Verdicts, the gravest first: the first that was found is the result, its number the exit code.
VERDICTS = {
    "wrong key": 17,  # signed by nobody whose public key was given
    "forked": 16,  # two histories were signed, or another record stands in this one's place
    "missing": 15,  # records were taken out; what refers to them looks modified as well
    "modified": 14,  # something is not what was recorded
    "truncated": 13,  # a checkpoint knows more records than there are
    "unsigned": 12,  # no checkpoint covers some records
    "gap": 10,  # nothing was touched, but the record says that something was not recorded
    "content erased as recorded": 0,  # nothing is wrong; content is gone, and the record says when, why and by whom
    "ok": 0,
}


def sha256(data):
    """Return the hash of bytes."""
    return hashlib.sha256(data).digest()


# --- Ed25519, RFC 8032 §5.1 ------------------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    """Add two points in extended coordinates (X, Y, Z, T), x = X/Z, y = Y/Z, xy = T/Z (§5.1.4)."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    return (f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P


def multiply(number, point):
    """Multiply a point by a number."""
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def decode_point(data):
    """Read a point; None when the bytes are none (§5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def encode_point(point):
    """Write a point as 32 bytes (§5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_holds(public, message, signature):
    """Verify an Ed25519 signature (§5.1.7)."""
    key = decode_point(public)
    s = int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus_key = (P - key[0], key[1], key[2], P - key[3])
    return encode_point(add(multiply(s, BASE), multiply(k, minus_key))) == signature[:32]


# --- Notes and checkpoints, c2sp.org/signed-note and c2sp.org/tlog-checkpoint ----------------------------------------


def unbase64(text):
    """Decode Base64, and only the one way there is to write it."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical Base64")
    return data


def key_id(name, public):
    """Return the id of a key."""
    return sha256(name.encode() + b"\n\x01" + public)[:4]


def parse_key(line):
    """Read `name+id+base64(0x01 ‖ public key)`; return (name, id, public key)."""
    name, id_hex, encoded = line.strip().split("+", 2)
    data = unbase64(encoded)
    if data[0] != 1 or len(data) != 33 or key_id(name, data[1:]).hex() != id_hex:
        raise ValueError(f"not an Ed25519 public key: {line}")
    return name, key_id(name, data[1:]), data[1:]


def open_note(note, keys):
    """Return the text of a note if one of `keys` signed it; raises ValueError, or LookupError when no key is known."""
    text, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or not text or lines.pop() != "" or not 0 < len(lines) <= 16 or re.search(r"[\0-\x09\x0b-\x1f]", note):
        raise ValueError("it is no signed note")
    text, known = text + "\n", 0
    signatures = [re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line) for line in lines]
    if not all(signatures):
        raise ValueError("a signature line is malformed")
    for match in signatures:
        data = unbase64(match[2])
        if len(data) <= 4:
            raise ValueError("a signature is too short")
        for name, known_id, public in keys:
            if (name, known_id) == (match[1], data[:4]):
                known += 1
                if not signature_holds(public, text.encode(), data[4:]):
                    raise ValueError("the signature does not fit the text")
    if not known:
        raise LookupError("signed with a key that was not given")
    return text


def parse_succession(note):
    """Return (old public key, new public key) of a note in which the old key names the one after it."""
    name, old, new, _ = note.partition("\n\n")[0].split("\n")
    old, new = unbase64(old), unbase64(new)
    if name != "llm-audit-recorder/succession" or len(new) != 32:
        raise ValueError("it is no succession of keys")
    open_note(note, [(name, key_id(name, old), old)])
    return old, new


def parse_checkpoint(text):
    """Return size and root."""
    lines = text.split("\n")
    root = base64.b64decode(lines[2], validate=True) if len(lines) > 3 else b""
    if len(root) != 32 or not lines[0] or lines[-1] or not re.fullmatch("0|[1-9][0-9]*", lines[1], re.ASCII):
        raise ValueError("not a checkpoint")
    return int(lines[1]), root


def is_of_another_record(note, keys):
    """Tell whether one of the keys signed this note, for a record of another name."""
    origin = note.partition("\n")[0]
    if origin in [name for name, _, _ in keys]:
        return False
    try:
        return open_note(note, [(origin, key_id(origin, public), public) for _, _, public in keys]) != ""
    except (ValueError, LookupError):
        return False


# --- The tree, RFC 6962 §2.1 -----------------------------------------------------------------------------------------


class Tree:
    """Makes the root of n leaves from the roots of the perfect subtrees, one for each bit that is set in n."""

    def __init__(self):
        self.size = 0
        self.subtrees = []

    def append(self, leaf_hash):
        """Add a leaf: two subtrees of the same size become one, as digits carry over."""
        rest = self.size
        while rest & 1:
            leaf_hash = sha256(b"\x01" + self.subtrees.pop() + leaf_hash)
            rest >>= 1
        self.subtrees.append(leaf_hash)
        self.size += 1

    def root(self):
        """Join the subtrees from the right."""
        if not self.subtrees:
            return sha256(b"")
        *others, root = self.subtrees
        for left in reversed(others):
            root = sha256(b"\x01" + left + root)
        return root


# --- Reading ---------------------------------------------------------------------------------------------------------


def decompress(data, dictionary):
    """Read a body that is stored as zstd, with another body as its dictionary."""
    if zstd is None:
        raise SystemExit(
            "the bodies are compressed: take Python 3.14, or the file that `recorder verify --export` writes"
        )
    try:
        return zstd.decompress(data, zstd_dict=zstd.ZstdDict(dictionary, is_raw=True))
    except (zstd.ZstdError, MemoryError):
        return b""


def read_database(path):
    """Yield (number, leaf's bytes, stored leaf hash) of the records of a SQLite file, then (None, place, note)."""
    with contextlib.closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as db:
        db.text_factory = bytes
        yield from read_tables(db)


def read_tables(db):
    """Do so with an open database."""
    sql = "SELECT r.seq, r.kind, r.at_utc, typeof(r.body), r.body, r.base, b.body, r.leaf_hash FROM records AS r"
    for seq, kind, at_utc, how, body, number, base, stored in db.execute(
        f"{sql} LEFT JOIN records b ON b.seq = r.base ORDER BY 1"
    ):
        # What is text needs no other body.
        plain = body if how == b"text" and number is None else b""
        text = decompress(body, base) if how == b"blob" and base else plain
        # RFC 8785: members in the order of their names, no blanks; `body` is in that form.
        leaf = b'{"at_utc":"%b","body":%b,"kind":"%b","seq":%d,"v":1}' % (at_utc, text, kind, seq)
        yield seq, leaf if re.fullmatch(rb"[A-Za-z0-9:._-]*", kind + at_utc) else b"", stored
    sql = "SELECT 'kept checkpoint ' || id, note FROM checkpoints UNION ALL SELECT 'the newest checkpoint', note FROM"
    for place, note in db.execute(f"{sql} tree_head"):
        yield None, place.decode(), note.decode(errors="replace")


def read_export(path):
    """Yield the same of an export: each line is a leaf's bytes, or a checkpoint."""
    with path.open("rb") as file:
        for line in file:
            value = json.loads(line)
            if "checkpoint" in value:
                yield None, value["place"], value["checkpoint"]
                continue
            leaf = line.rstrip(b"\n")
            yield value["seq"], leaf, sha256(b"\x00" + leaf)


# --- The verification ------------------------------------------------------------------------------------------------


class Verification:
    """Goes through the records once, noting the root after every record that some checkpoint is about."""

    def __init__(self, keys):
        self.keys = keys
        self.retired = {}
        self.found = dict.fromkeys(VERDICTS, 0)
        self.lines = []
        self.last = 0
        self.tree = Tree()
        self.roots = {}
        self.has_hole = False
        self.open = {}
        self.closed = set()
        self.running = set()

    def report(self, verdict, text):
        """Note a finding."""
        self.found[verdict] += 1
        if self.found[verdict] <= 20:
            self.lines.append(f"{verdict}: {text}")

    def records(self, rows, sizes):
        """Check numbers and bytes of all records; keep the roots at `sizes`."""
        self.roots[0] = self.tree.root()
        for seq, leaf, stored in rows:
            if seq <= self.last:
                self.report("modified", f"a record has the number {seq}, which none can have")
                continue
            if seq != self.last + 1:
                self.has_hole = True
                self.report("missing", f"records {self.last + 1} to {seq - 1}")
            if sha256(b"\x00" + leaf) != stored:
                self.report("modified", f"record {seq} is not what its leaf hash was made of")
            self.last = seq
            if not self.has_hole:
                self.tree.append(stored)
                if seq in sizes:
                    self.roots[seq] = self.tree.root()
            try:
                self.tell(seq, json.loads(leaf))
            except (ValueError, LookupError, TypeError, AttributeError):
                self.report("modified", f"record {seq} does not have the form of a record")
        for id_, run in self.open.items():
            if run not in self.running:
                self.report("gap", f"interaction {id_} was opened and never closed")

    def tell(self, seq, record):
        """Follow what the record is about."""
        kind, body = record["kind"], record["body"]
        if kind == "opened":
            if body["id"] in self.open or body["id"] in self.closed:
                self.report("modified", f"record {seq} opens interaction {body['id']} a second time")
            self.open[body["id"]] = body.get("run_id")
        elif kind == "closed":
            if body["id"] not in self.open:
                self.report("modified", f"record {seq} closes interaction {body['id']}, which is not open")
            self.open.pop(body["id"], None)
            self.closed.add(body["id"])
        elif kind == "start":
            self.running.add(body["run_id"])
        elif kind in ("stop", "crash"):
            self.running.discard(body["run_id"])
        elif kind in ("gap", "discrepancy", "key", "erasure", "retention"):
            self.admit(seq, record["at_utc"], kind, body)

    def admit(self, seq, at_utc, kind, body):
        """The recorder itself says what is not as it should be, or which key it signs with from now on."""
        if kind == "key":
            for note in body.get("successions", ()):
                parse_succession(note)
            return
        if kind == "gap":
            what = f"{len(body['others']) + 1} calls were" if body.get("others") else "something was"
            self.report("gap", f"record {seq} says that {what} not recorded: {body.get('reason')}")
            return
        if kind != "discrepancy":
            if body.get("parts"):
                why = f"{body.get('by')}: {body.get('reason') or 'it was older than it is to be kept'}"
                text = f"{body['parts']} parts ({body.get('bytes')} bytes) were erased on {at_utc} by {why}"
                self.report("content erased as recorded", f"record {seq} says that {text}")
            return
        reason = body["reason"]
        if reason == "other key":
            try:
                open_note(body["checkpoint"], self.keys)
            except (ValueError, LookupError):
                self.report("wrong key", f"record {seq} says that another key signed here")
            return
        verdicts = {"cut": "truncated", "replaced": "truncated", "unsigned": "unsigned", "forked": "forked"}
        self.report(
            verdicts.get(reason, "modified"), f"record {seq} says that the record was not found as left: {reason}"
        )

    def follow(self, steps, notes):
        """Believe the keys after those that were given, and those before; `steps`: (record, old public key, new).

        A later key is believed because the one before it signed it. An earlier one because the record that says so is
        under a checkpoint of a key that is believed, and only for what is older than that record.
        """
        for seq, old, new in steps:
            for name, _, _ in [key for key in self.keys if key[2] == old]:
                self.keys.append((name, key_id(name, new), new))
                self.retired.setdefault((name, key_id(name, old), old), seq)
        covered = max((size for _, size, _ in Verification(self.keys).read_claims(notes)), default=0) if steps else 0
        for seq, old, new in reversed(steps):
            for name, _, _ in [key for key in self.keys if key[2] == new and seq <= covered]:
                self.keys.append((name, key_id(name, old), old))
                self.retired.setdefault((name, key_id(name, old), old), seq)

    def read_claims(self, notes):
        """Return (place, size, root) of the notes that one of the keys signed while it was in use."""
        claims = []
        for place, note in notes:
            try:
                size, root = parse_checkpoint(open_note(note, self.keys))
                open_note(note, [key for key in self.keys if size < self.retired.get(key, size + 1)])
                claims.append((place, size, root))
            except LookupError as error:
                self.report("forked" if is_of_another_record(note, self.keys) else "wrong key", f"{place}: {error}")
            except ValueError as error:
                self.report("modified", f"{place}: {error}")
        return claims

    def judge(self, claims):
        """Compare what checkpoints claim with the records."""
        confirmed = max((size for _, size, root in claims if self.roots.get(size) == root), default=0)
        for place, size, root in claims:
            if size > self.last:
                self.report("truncated", f"{place} knows {size} records, there are {self.last}")
            elif size in self.roots and self.roots[size] != root:
                verdict = "forked" if size <= confirmed else "modified"
                self.report(verdict, f"{place} was not signed over these first {size} records")
        covered = max((size for _, size, _ in claims), default=0)
        if covered < self.last:
            self.report("unsigned", f"no checkpoint covers records {covered + 1} to {self.last}")

    def verdict(self):
        """Return the gravest of all."""
        return next((verdict for verdict in VERDICTS if self.found[verdict]), "ok")


def read_steps(seq, leaf):
    """Return the successions in a `key` record, passing over what is none."""
    steps = []
    with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
        for note in json.loads(leaf)["body"].get("successions", ()):
            steps.append((seq, *parse_succession(note)))  # noqa: PERF401 -- those before a wrong one count
    return steps


def verify(path, keys, outside):
    """Verify a database or an export; `outside` are checkpoints (place, note) that were kept elsewhere."""
    with path.open("rb") as file:
        read = read_database if file.read(15) == b"SQLite format 3" else read_export
    verification = Verification(list(keys))
    try:
        # Twice over the file: the checkpoints come after the records, and say which roots are needed.
        notes, steps = list(outside), []
        for seq, one, two in read(path):
            if seq is None:
                notes.append((one, two))
            elif b'"kind":"key"' in one:
                steps += read_steps(seq, one)
        verification.follow(steps, notes)
        claims = verification.read_claims(notes)
        rows = (row for row in read(path) if row[0] is not None)
        verification.records(rows, {size for _, size, _ in claims})
        verification.judge(claims)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        verification.report("modified", f"the file is damaged: {error}")
    return verification


def main():
    """Read the command line, print what was found, exit with the verdict's number."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path, help="the database, or what `recorder verify --export` wrote")
    parser.add_argument("--public-key", type=Path, required=True, help="file with the public keys to trust")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="a checkpoint kept elsewhere")
    options = parser.parse_args()
    lines = options.public_key.read_text(encoding="utf-8").splitlines()
    keys = [parse_key(line) for line in lines if line.strip() and not line.startswith("#")]
    outside = [(f"checkpoint {path.name}", path.read_text(encoding="utf-8")) for path in options.checkpoint]
    verification = verify(options.records, keys, outside)
    verdict = verification.verdict()
    print(*verification.lines, f"{verdict}: {verification.last} records", sep="\n")
    raise SystemExit(VERDICTS[verdict])


if __name__ == "__main__":
    main()
