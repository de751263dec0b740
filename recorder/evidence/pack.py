"""An evidence pack, written in one pass over a database that may be written meanwhile.

Strategy. All is read in one transaction, as of one checkpoint. The tree is made of all records while those that were
chosen are written; the others leave the roots of their subtrees (`recorder.ledger.omissions`), cut where a checkpoint
that stays ended. If the tree does not come to the root of the newest checkpoint, there is no pack. The manifest names
every file with its hash and is signed by the key that signs checkpoints, under a name of its own.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from typing import IO, Any

import msgspec

from recorder import __version__
from recorder.errors import StoreError
from recorder.evidence import reports
from recorder.evidence.archive import Archive, Write
from recorder.evidence.verifiers import LEDGER, PACK, verifier_path
from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint
from recorder.ledger.leaf import leaf_text
from recorder.ledger.merkle import Frontier
from recorder.ledger.note import SigningKey, VerifierKey
from recorder.ledger.omissions import Omissions, Subtree
from recorder.store.blocks import Contents
from recorder.store.database import Database, reading, snapshot
from recorder.store.filters import Filters
from recorder.store.ledger_rows import count_records, leaf_hashes, raw_records, stored_notes
from recorder.store.selection import (
    ChosenPart,
    Selection,
    anchored_sizes,
    chosen_interactions,
    chosen_nodes,
    chosen_parts,
    select,
)
from recorder.store.verification import Report, verify

FOLDER = "evidence-pack"
MANIFEST_NAME = "llm-audit-recorder/evidence"
"""Name of the key that a manifest is signed with: a signature over one is none over a checkpoint."""
_TOLD = ("whole", "first", "last", "interactions", "records", "parts")
"""Of what was chosen, in the manifest."""

type Progress = Callable[[int, int], None]


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack is to hold, and what it is made with."""

    filters: Filters
    made_utc: str
    key: SigningKey
    """The key in use, which signs the manifest."""
    keys: list[VerifierKey]
    """The public keys to verify with, the one in use first."""
    notes: list[tuple[str, str]] = []
    """Checkpoints from elsewhere, each with a name for its place."""
    alive: frozenset[str] = frozenset()
    """Ids of the runs whose recorder is at work."""
    content: bool = True
    """Whether contents come along, or only what the records say."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack came to."""

    selection: Selection
    report: Report
    head: Checkpoint


def write_pack(db: Database, file: IO[bytes], order: Order, progress: Progress = lambda _done, _total: None) -> Made:
    """Write a pack. Raises StoreError when the records do not fit the newest checkpoint, or there is none."""
    with snapshot(db), Archive(file, FOLDER) as archive:
        return _Packing(db, archive, order, progress).write()


class _Packing:
    def __init__(self, db: Database, archive: Archive, order: Order, progress: Progress) -> None:
        self._db = db
        self._archive = archive
        self._order = order
        self._progress = progress
        stored = [note for _, note in stored_notes(db)]
        self._notes = [*(note for _, note in order.notes if note not in stored), *stored]
        if not stored:
            raise StoreError("nothing in this record is signed yet; record something first")
        self._head = claimed_checkpoint(self._notes[-1])

    def write(self) -> Made:
        report = verify(self._db, self._order.keys, self._order.notes, self._progress, self._order.made_utc)
        selection = select(self._db, **self._order.filters)
        self._write_texts()
        self._write_records(selection)
        self._archive.add_lines("interactions.jsonl", chosen_interactions(self._db))
        if self._order.content:
            self._archive.add_lines("lists.jsonl", map(_list_members, chosen_nodes(self._db, selection)))
            self._archive.add_lines("parts.jsonl", self._parts(selection))
        self._write_reports(selection, report)
        self._write_manifest(selection)
        return Made(selection=selection, report=report, head=self._head)

    def _write_texts(self) -> None:
        for name in ("README.txt", "CONTROLS.txt"):
            self._archive.add(name, files("recorder.evidence").joinpath(name).read_bytes())
        self._archive.add("verify.py", verifier_path(PACK).read_bytes())
        self._archive.add("verify_ledger.py", verifier_path(LEDGER).read_bytes())
        self._archive.add("keys.txt", "".join(f"{key}\n" for key in self._order.keys).encode())
        self._archive.add("checkpoints.txt", "".join(self._notes).encode())

    def _write_records(self, selection: Selection) -> None:
        """Write the chosen records, then what stands for the others."""
        with self._archive.writing("records.jsonl") as write:
            root = self._write_chosen(selection, write)
        if (self._head.size, self._head.root) != root:
            raise StoreError("the records do not fit the newest checkpoint: `recorder verify` says what is wrong")
        self._archive.add_lines("others.jsonl", map(_subtree_members, self._others(selection)))

    def _write_chosen(self, selection: Selection, write: Write) -> tuple[int, bytes]:
        tree, total = Frontier(), count_records(self._db)
        for seq, kind, at_utc, body, leaf in raw_records(self._db):
            if selection.has(seq):
                write(leaf_text(seq, kind, at_utc, body) + b"\n")
            tree.append(leaf)
            self._progress(seq, total)
        return tree.size, tree.root()

    def _others(self, selection: Selection) -> Iterator[Subtree]:
        left_out, cuts = Omissions(), set(self._sizes())
        for seq, leaf in leaf_hashes(self._db):
            if selection.has(seq):
                yield from left_out.end()
            else:
                left_out.leave_out(seq, leaf)
            if seq in cuts:
                yield from left_out.end()
        yield from left_out.end()

    def _sizes(self) -> Iterator[int]:
        """Yield the sizes of the trees that some checkpoint is about, here or where it was put."""
        yield from anchored_sizes(self._db)
        for note in self._notes:
            try:
                yield claimed_checkpoint(note).size
            except ValueError:
                continue

    def _parts(self, selection: Selection) -> Iterator[dict[str, Any]]:
        contents = Contents(self._db)
        with reading():
            for done, row in enumerate(chosen_parts(self._db, selection), 1):
                yield _part_members(row, contents)
                self._progress(done, selection.parts)

    def _write_reports(self, selection: Selection, report: Report) -> None:
        filters = self._order.filters
        self._archive.add_json("reports/verification.json", report.members())
        self._archive.add_json("reports/gaps.json", reports.gaps(self._db, selection, filters, self._order.alive))
        self._archive.add_json("reports/redaction.json", reports.redaction(self._db, filters))
        self._archive.add_json("reports/erasures.json", reports.erasures(self._db, selection))
        self._archive.add_json("reports/usage.json", reports.usage(self._db, filters))

    def _write_manifest(self, selection: Selection) -> None:
        counts = {name: getattr(selection, name) for name in _TOLD}
        head = {"origin": self._head.origin, "records": self._head.size, "root": b64encode(self._head.root).decode()}
        value = {
            "format": "llm-audit-recorder evidence pack",
            "version": 1,
            "made_by": f"llm-audit-recorder {__version__}",
            "made_utc": self._order.made_utc,
            "asked": asked(self._order.filters) | {"content": self._order.content},
            "chosen": counts,
            "checkpoint": head,
            "files": self._archive.members,
        }
        text = msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
        self._archive.add("manifest.json", text)
        signed = f"{MANIFEST_NAME}\n{hashlib.sha256(text).hexdigest()}\n"
        self._archive.add("manifest.sig", self._order.key.sign(signed, MANIFEST_NAME).encode())


def asked(filters: Filters) -> dict[str, Any]:
    """Return the filters that were given as JSON has them."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in _given(filters)}


def _given(filters: Filters) -> Iterable[tuple[str, Any]]:
    return ((name, value) for name, value in filters.items() if value is not None)


def _subtree_members(one: Subtree) -> dict[str, Any]:
    return {"first": one.first, "records": one.leaves, "root": one.root.hex()}


def _list_members(node: tuple[bytes, bytes | None, bytes, bytes | None]) -> dict[str, Any]:
    digest, parent, part, lead = node
    return {
        "digest": digest.hex(),
        "parent": None if parent is None else parent.hex(),
        "part": part.hex(),
        "lead": None if lead is None else b64encode(lead).decode(),
    }


def _part_members(row: ChosenPart, contents: Contents) -> dict[str, Any]:
    id_, kind, role, size, salt, commitment, erased_by, is_there = row
    about = {"commitment": commitment.hex(), "kind": kind, "role": role, "bytes": size, "erased_by": erased_by}
    if not is_there or salt is None:
        return about
    try:
        content = contents.get(id_)
    except StoreError:  # damaged, or one that it cannot be read without is: the report of the verification says so
        return about
    return about | {"salt": salt.hex(), **_content_members(content)}


def _content_members(content: bytes) -> dict[str, str]:
    try:
        return {"text": content.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(content).decode()}
