#!/usr/bin/env python3
"""Verify an evidence pack of a recorder, with nothing but Python's standard library. In the unpacked folder:

    python3 verify.py
    python3 verify.py --public-key key-you-were-given.txt --checkpoint checkpoint-you-kept.txt

To be read by somebody who trusts neither the recorder nor its authors, together with verify_ledger.py beside it, which
has the signatures, the tree and the verdicts. The form of a pack is in docs/evidence.md, that of records in
docs/ledger-format.md.
"""

import argparse
import base64
import hashlib
import json
import sys
from decimal import Decimal
from pathlib import Path

sys.dont_write_bytecode = True  # nothing is to appear in the folder
sys.path.insert(0, str(Path(__file__).resolve().parent))

import verify_ledger as ledger  # noqa: E402 -- it is beside this file

MANIFEST_NAME = "llm-audit-recorder/evidence"
MANIFEST = ("manifest.json", "manifest.sig")
# The gravest first, as in verify_ledger.py; two that only a pack can have are in between.
VERDICTS = dict(list(ledger.VERDICTS.items())[:-3])
VERDICTS |= {"content missing without a record": 11, "not provable": 9, "gap": 10, "content erased as recorded": 0}
VERDICTS["ok"] = 0
COMMITTED = ("request_headers", "envelope", "layout", "body", "response_headers", "answer", "timing", "error_message")
COMMITTED += ("sent_headers", "sent_envelope", "sent_layout", "sent_body", "provided_headers", "provided_answer")


def append_subtree(tree, root, leaves):
    """Append the root of a perfect subtree of leaves that are not shown."""
    if leaves < 1 or leaves & (leaves - 1) or tree.size % leaves or len(root) != 32:
        raise ValueError(f"no subtree of {leaves} leaves can stand after {tree.size}")
    rest = tree.size // leaves
    while rest & 1:
        root = ledger.sha256(b"\x01" + tree.subtrees.pop() + root)
        rest >>= 1
    tree.subtrees.append(root)
    tree.size += leaves


def split_notes(text):
    """Yield the notes of a file, one after the other: a note ends with its signatures."""
    lines = []
    for line in text.splitlines(keepends=True):
        if lines and lines[-1].startswith("\u2014 ") and not line.startswith("\u2014 "):
            yield "".join(lines)
            lines = []
        if lines or line.strip():
            lines.append(line)
    if lines:
        yield "".join(lines)


def read_keys(path):
    """Return the public keys of a file, one a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [ledger.parse_key(line) for line in lines if line.strip() and not line.startswith("#")]


class Pack(ledger.Verification):
    """Goes through an unpacked folder."""

    def __init__(self, folder, keys, outside=()):
        super().__init__(keys)
        self.found = dict.fromkeys(VERDICTS, 0)
        self.folder = folder
        self.outside = list(outside)
        self.manifest = {"files": [], "chosen": {"whole": False}, "asked": {"content": True}}
        self.chosen = {}  # id of an interaction → what interactions.jsonl says of it
        self.records_seen = {}  # number → kind, of those that others refer to
        self.needed = set()  # commitments and lists that records of chosen interactions name
        self.lists = set()
        self.announced = {}  # commitment → (kind, role, bytes) by the record that brought it
        self.counts = dict.fromkeys(("records", "contents", "gone"), 0)
        self.checkpoints = 0

    def verdict(self):
        """Return the gravest of all."""
        return next((verdict for verdict in VERDICTS if self.found[verdict]), "ok")

    def lines_of(self, name):
        """Yield the lines of a file as bytes."""
        with (self.folder / name).open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")

    def objects(self, name):
        """Yield the JSON objects of a file, one a line."""
        return map(json.loads, self.lines_of(name))

    def verify(self):
        """Go through all; what cannot be read ends one step, not the others."""
        steps = (self.read_trust, self.check_manifest, self.check_files, self.check_records, self.check_contents)
        for step in (*steps, self.check_sums):
            try:
                step()
            except FileNotFoundError as error:
                self.report("missing", f"{Path(error.filename).name} is not there")
            except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
                self.report("modified", f"the pack is damaged ({step.__name__}): {error}")
        return self

    def read_trust(self):
        """Read the checkpoints, and follow the keys from those that were given to those before and after."""
        text = (self.folder / "checkpoints.txt").read_text(encoding="utf-8")
        notes = [(f"checkpoint {number} of the pack", note) for number, note in enumerate(split_notes(text), 1)]
        steps = []
        for line in self.lines_of("records.jsonl"):
            if b'"kind":"key"' in line:
                steps += ledger.read_steps(json.loads(line)["seq"], line)
        self.follow(steps, [*notes, *self.outside])
        self.claims = self.read_claims([*notes, *self.outside])
        self.checkpoints = len(self.claims)

    def check_manifest(self):
        """The manifest is signed with the key that signed the newest checkpoint, under a name of its own."""
        data = (self.folder / "manifest.json").read_bytes()
        self.manifest = json.loads(data)
        note = (self.folder / "manifest.sig").read_text(encoding="utf-8")
        in_use = {public for name, known, public in self.keys if (name, known, public) not in self.retired}
        keys = [(MANIFEST_NAME, ledger.key_id(MANIFEST_NAME, public), public) for public in in_use]
        try:
            text = ledger.open_note(note, keys)
        except LookupError as error:
            self.report("wrong key", f"the manifest is {error}")
            return
        except ValueError as error:
            self.report("modified", f"the manifest's signature: {error}")
            return
        if text != f"{MANIFEST_NAME}\n{hashlib.sha256(data).hexdigest()}\n":
            self.report("modified", "the manifest is not the one that was signed")

    def check_files(self):
        """Every file is as the manifest says, and there is no other."""
        present = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if not path.is_dir()}
        listed = {one["name"]: one for one in self.manifest["files"]}
        for name in sorted(present - listed.keys() - set(MANIFEST)):
            self.report("modified", f"{name} is not in the manifest")
        for name in sorted((listed.keys() | set(MANIFEST)) - present):
            self.report("missing", f"{name} is not there")
        for name in sorted(present & listed.keys()):
            seen, size = hashlib.sha256(), 0
            with (self.folder / name).open("rb") as file:
                while piece := file.read(1 << 20):
                    seen.update(piece)
                    size += len(piece)
            if (seen.hexdigest(), size) != (listed[name]["sha256"], listed[name]["bytes"]):
                self.report("modified", f"{name} is not what the manifest says")

    def check_records(self):
        """Make the tree of the records and of what stands for the others, and hold it against the checkpoints."""
        self.chosen = {one["id"]: one for one in self.objects("interactions.jsonl")}
        self.roots[0] = self.tree.root()
        sizes = {size for _, size, _ in self.claims}
        for _ in self.grow():
            if self.tree.size in sizes:
                self.roots[self.tree.size] = self.tree.root()
        self.last = self.tree.size
        self.judge(self.claims)
        for place, size, _ in self.claims:
            if size <= self.last and size not in self.roots:
                why = "let the pack be made anew with `recorder evidence --checkpoint`"
                self.report("not provable", f"{place}: the tree of {size} records cannot be made from this pack; {why}")
        for id_, one in self.chosen.items():
            for name in ("opened", "closed"):
                if one[name] is not None and self.records_seen.get(one[name]) != (name, id_):
                    self.report("missing", f"record {one[name]} does not say that interaction {id_} was {name}")

    def grow(self):
        """Let the tree grow by a record, or by the subtree that stands for some, and yield after each."""
        records, others = self.lines_of("records.jsonl"), self.objects("others.jsonl")
        record, other = next(records, None), next(others, None)
        while record is not None or other is not None:
            if other is not None and other["first"] == self.tree.size + 1:
                self.leave_out(other)
                other = next(others, None)
            elif record is not None:
                value = json.loads(record)
                if value["seq"] != self.tree.size + 1:
                    self.report("missing", f"nothing stands for record {self.tree.size + 1}")
                    return
                self.tree.append(ledger.sha256(b"\x00" + record))
                self.take(value)
                record = next(records, None)
            else:
                raise ValueError("others.jsonl goes on where the records end")
            yield

    def leave_out(self, other):
        """Take the subtree that stands for some records."""
        append_subtree(self.tree, bytes.fromhex(other["root"]), other["records"])
        chosen = self.manifest["chosen"]
        if chosen["whole"] and chosen["first"] <= self.tree.size and other["first"] <= chosen["last"]:
            self.report("missing", f"records {other['first']} to {self.tree.size} of a pack without holes")

    def take(self, record):
        """Note what a record commits to, and what it admits."""
        kind, body, seq = record["kind"], record["body"], record["seq"]
        self.counts["records"] += 1
        if kind in ("gap", "discrepancy", "key", "erasure", "retention"):
            self.admit(seq, record["at_utc"], kind, body)
            self.records_seen[seq] = (kind, None)
        if kind not in ("opened", "closed"):
            return
        self.records_seen[seq] = (kind, body["id"])
        for part in body.get("parts", ()):
            self.announced[part["commitment"]] = (part["kind"], part.get("role"), part["bytes"])
        if body["id"] in self.chosen:
            self.needed.update(body[name] for name in COMMITTED if name in body)
            for chains in (body.get("chains", {}), body.get("sent_chains", {})):
                self.lists.update(chain["head"] for chain in chains.values())
            if kind == "closed":
                one = self.chosen[body["id"]]
                for name in ("state", "status", "cost_usd", "stop_reason", "request_id"):
                    if one.get(name) != body.get(name):
                        self.report("modified", f"interactions.jsonl: {name} of {body['id']} is not what was recorded")

    def check_contents(self):
        """Every list and every content is what the records commit to: SHA-256(salt ‖ content)."""
        if not self.manifest["asked"]["content"]:
            return
        nodes = {None: bytes(32)}
        for one in self.objects("lists.jsonl"):
            tail = b"\x00" if one["lead"] is None else b"\x01" + base64.b64decode(one["lead"])
            digest = ledger.sha256(nodes[one["parent"]] + bytes.fromhex(one["part"]) + tail)
            if digest.hex() != one["digest"]:
                self.report("modified", f"lists.jsonl: list {one['digest'][:16]} is not what it says")
            nodes[one["digest"]] = digest
            self.needed.add(one["part"])
        for head in sorted(self.lists - nodes.keys()):
            self.report("content missing without a record", f"list {head[:16]} that a record commits to is not there")
        for one in self.objects("parts.jsonl"):
            self.check_part(one)
        for commitment in sorted(self.needed):
            self.report("content missing without a record", f"content {commitment[:16]} is not there")

    def check_part(self, one):
        """Check one content; those that are still needed at the end are missing."""
        commitment = one["commitment"]
        if commitment not in self.needed:
            self.report("modified", f"content {commitment[:16]} is none that the records commit to")
            return
        self.needed.discard(commitment)
        if self.announced.get(commitment, about := (one["kind"], one["role"], one["bytes"])) != about:
            self.report("modified", f"content {commitment[:16]} is of another kind or size than was recorded")
        if one["erased_by"] is not None or "salt" not in one:
            self.counts["gone"] += 1
            if self.records_seen.get(one["erased_by"], ("", None))[0] not in ("erasure", "retention"):
                self.report(
                    "content missing without a record", f"content {commitment[:16]} is gone, no record says why"
                )
            return
        content = one["text"].encode() if "text" in one else base64.b64decode(one["base64"], validate=True)
        self.counts["contents"] += 1
        if ledger.sha256(bytes.fromhex(one["salt"]) + content).hex() != commitment or len(content) != one["bytes"]:
            self.report("modified", f"content {commitment[:16]} is not what its record commits to")

    def check_sums(self):
        """The cost in the usage report is the sum of what the interactions cost."""
        costs = [one["cost_usd"] for one in self.chosen.values() if one["flow_class"] == "model"]
        total = sum((Decimal(cost) for cost in costs if cost is not None), Decimal(0))
        reported = json.loads((self.folder / "reports/usage.json").read_bytes())["total"]
        if (Decimal(reported["cost_usd"]), reported["interactions"]) != (total, len(costs)):
            self.report("modified", "reports/usage.json: the totals are not the sums of the interactions")

    def summary(self):
        """Return what an auditor wants to read last."""
        chosen, counts = self.manifest["chosen"], self.counts
        how = "without holes" if chosen["whole"] else "a selection"
        yield f"records: {counts['records']} of {self.last} ({how}); interactions: {len(self.chosen)}"
        yield f"contents: {counts['contents']} hold, {counts['gone']} are gone; checkpoints: {self.checkpoints} signed"


def main():
    """Read the command line, print what was found, exit with the verdict's number."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parent, help="the pack")
    parser.add_argument("--public-key", type=Path, help="file with the public keys that you were given")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="file with checkpoints you kept")
    options = parser.parse_args()
    try:
        # The first key of the pack is the one in use; those before it must have named it.
        keys = read_keys(options.public_key) if options.public_key else read_keys(options.folder / "keys.txt")[:1]
        outside = [
            (f"checkpoint {number} of {path.name}", note)
            for path in options.checkpoint
            for number, note in enumerate(split_notes(path.read_text(encoding="utf-8")), 1)
        ]
    except (OSError, ValueError, IndexError) as error:
        raise SystemExit(f"keys or checkpoints cannot be read: {error}") from None
    pack = Pack(options.folder, keys, outside).verify()
    print(*pack.lines, *pack.summary(), sep="\n")
    if not options.public_key:
        for name, known, public in keys:
            key = f"{name}+{known.hex()}+{base64.b64encode(bytes([1]) + public).decode()}"
            print(f"note: the key is from the pack itself; hold it against the one that you were given:\n  {key}")
    if not outside:
        print("note: no checkpoint that you kept was given (--checkpoint); see README.txt for what that leaves open")
    print(pack.verdict())
    raise SystemExit(VERDICTS[pack.verdict()])


if __name__ == "__main__":
    main()
