"""Everything that can be done to a pack is found, and where the manifest is made to fit, the signatures still tell."""

import functools
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recorder.evidence.pack import MANIFEST_NAME
from recorder.ledger.checkpoint import claimed_checkpoint
from recorder.ledger.note import SigningKey, VerifierKey
from scripts.verify_pack import VERDICTS, Pack, read_keys
from scripts.verify_pack import ledger as verify_ledger
from tests.evidence.test_pack import FILES
from tests.tampering.base import KEY, THIEF

# The same few notes are verified a hundred times.
verify_ledger.signature_holds = functools.cache(verify_ledger.signature_holds)

type Edit = Callable[[Path], None]

SIGNED = sorted({*FILES, "manifest.json", "manifest.sig"} - {"verify.py", "verify_ledger.py"})
"""The verifier itself is what an auditor can have from elsewhere; who changes it changes what is printed."""
SOME = [name for name in SIGNED if name != "others.jsonl"]
"""Others stand for nothing in a pack of all."""


@pytest.fixture
def pack(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "pack"))


@pytest.fixture
def part(narrow: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(narrow, tmp_path / "part"))


def found(folder: Path, key: VerifierKey | None = None) -> tuple[int, str]:
    """What the verifier says; with `key` as somebody who was given it."""
    keys = [verify_ledger.parse_key(str(key))] if key else read_keys(folder / "keys.txt")[:1]
    seen = Pack(folder, keys).verify()
    return VERDICTS[seen.verdict()], "\n".join(seen.lines)


def fit_manifest(folder: Path, key: SigningKey | None = None) -> None:
    """Let the manifest say what is there; `key` signs it."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    manifest["files"] = [
        {
            "name": name,
            "bytes": (folder / name).stat().st_size,
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        }
        for name in sorted(names - {"manifest.json", "manifest.sig"})
    ]
    text = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(text)
    if key:
        signed = key.sign(f"{MANIFEST_NAME}\n{hashlib.sha256(text).hexdigest()}\n", MANIFEST_NAME)
        (folder / "manifest.sig").write_text(signed, encoding="utf-8")


@pytest.mark.parametrize("name", SIGNED)
def test_a_file_that_was_added_to(pack: Path, name: str) -> None:
    with (pack / name).open("ab") as file:
        file.write(b"\n")
    assert found(pack)[0] == 14


@pytest.mark.parametrize("name", SIGNED)
def test_a_file_that_was_removed(pack: Path, whole: Path, name: str) -> None:
    (pack / name).unlink()
    code, text = found(pack, given(whole))
    assert code == 15
    assert f"missing: {name} is not there" in text


def last(pack: Path) -> str:
    text = (pack / "checkpoints.txt").read_text(encoding="utf-8")
    return text[text.rindex("llm-audit-recorder/", 0, text.rindex("\u2014")) :]


@pytest.mark.parametrize("name", ["note.txt", "reports/more.json", "__pycache__/verify_ledger.cpython-313.pyc"])
def test_a_file_that_was_put_in(pack: Path, name: str) -> None:
    (pack / name).parent.mkdir(exist_ok=True)
    (pack / name).write_text("{}")
    code, text = found(pack)
    assert code == 14
    assert f"modified: {name} is not in the manifest" in text


@pytest.mark.parametrize("name", [name for name in SOME if name not in {"README.txt", "CONTROLS.txt"}])
def test_a_file_of_another_pack(pack: Path, whole: Path, stranger: Path, name: str) -> None:
    if (pack / name).read_bytes() == (stranger / name).read_bytes():
        pytest.skip("it says the same there")
    shutil.copy(stranger / name, pack / name)
    assert found(pack, given(whole))[0] in (14, 15, 16, 17)


def given(pack: Path) -> VerifierKey:
    """The key that an auditor got at another time."""
    return KEY.verifier(claimed_checkpoint(last(pack)).origin)


def line_edit(name: str, change: Callable[[dict[str, Any]], None], at: int = 0) -> Edit:
    """Change a JSON object on a line of a file, keeping its form."""

    def edit(folder: Path) -> None:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        value = json.loads(lines[at])
        change(value)
        lines[at] = json.dumps(value, sort_keys=name == "records.jsonl", separators=(",", ":")).encode() + b"\n"
        (folder / name).write_bytes(b"".join(lines))

    return edit


def without_line(name: str, at: int) -> Edit:
    def edit(folder: Path) -> None:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        del lines[at]
        (folder / name).write_bytes(b"".join(lines))

    return edit


def swapped_lines(name: str, one: int, two: int) -> Edit:
    def edit(folder: Path) -> None:
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        lines[one], lines[two] = lines[two], lines[one]
        (folder / name).write_bytes(b"".join(lines))

    return edit


def other_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def cheaper(folder: Path) -> None:
    """Change what interactions cost, in the list and in the sum."""
    line_edit("interactions.jsonl", lambda one: one.update(cost_usd="0.01"), 1)(folder)
    usage = json.loads((folder / "reports/usage.json").read_bytes())
    usage["total"]["cost_usd"] = "4.51"
    (folder / "reports/usage.json").write_text(json.dumps(usage))


def dearer_report(folder: Path) -> None:
    usage = json.loads((folder / "reports/usage.json").read_bytes())
    usage["total"]["cost_usd"] = "4.750000001"
    (folder / "reports/usage.json").write_text(json.dumps(usage))


def unsaid(folder: Path) -> None:
    """Take a call out of everything but the tree."""
    without_line("interactions.jsonl", 3)(folder)
    lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
    others = []
    for at in (8, 7):
        leaf = hashlib.sha256(b"\x00" + lines.pop(at).rstrip(b"\n")).hexdigest()
        others.insert(0, json.dumps({"first": at + 1, "records": 1, "root": leaf}) + "\n")
    (folder / "records.jsonl").write_bytes(b"".join(lines))
    (folder / "others.jsonl").write_text("".join(others))


def by_another_key(folder: Path) -> None:
    """Put a checkpoint of another key in the place of the newest."""
    text = (folder / "checkpoints.txt").read_text(encoding="utf-8")
    newest = last(folder)
    signed = claimed_checkpoint(newest).signed(THIEF)
    (folder / "checkpoints.txt").write_text(text.removesuffix(newest) + signed, encoding="utf-8")


def cut_checkpoints(folder: Path) -> None:
    text = (folder / "checkpoints.txt").read_text(encoding="utf-8")
    (folder / "checkpoints.txt").write_text(text.removesuffix(last(folder)), encoding="utf-8")


FITTED: list[tuple[str, Edit, str]] = [
    ("a record", line_edit("records.jsonl", lambda one: one["body"].update(host="evil"), 5), "was not signed over"),
    ("a record's time", line_edit("records.jsonl", lambda one: one.update(at_utc="x"), 5), "was not signed over"),
    ("a record less", without_line("records.jsonl", 5), "nothing stands for record 6"),
    ("the last record less", without_line("records.jsonl", -1), "knows 50 records, there are 49"),
    ("records in another order", swapped_lines("records.jsonl", 3, 5), "nothing stands for record 4"),
    ("a content", line_edit("parts.jsonl", lambda one: one.update(text="{}", bytes=2)), "is not what its record"),
    (
        "a content, as long",
        line_edit("parts.jsonl", lambda one: one.update(text="x" * one["bytes"])),
        "is not what its",
    ),
    (
        "a salt",
        line_edit("parts.jsonl", lambda one: one.update(salt=other_hash("x"))),
        "is not what its record commits",
    ),
    ("a commitment", line_edit("parts.jsonl", lambda one: one.update(commitment=other_hash("x"))), "is none that"),
    ("a content less", without_line("parts.jsonl", 4), "content missing without a record: content"),
    ("a kind", line_edit("parts.jsonl", lambda one: one.update(kind="answer"), 1), "of another kind or size"),
    (
        "erased by no erasure",
        line_edit("parts.jsonl", lambda one: one.update(erased_by=3)),
        "is gone, no record says why",
    ),
    ("a list", line_edit("lists.jsonl", lambda one: one.update(part=other_hash("x"))), "is not what it says"),
    ("a list's beginning", line_edit("lists.jsonl", lambda one: one.update(parent=None), 3), "is not what it says"),
    ("a list less", without_line("lists.jsonl", -1), "that a record commits to is not there"),
    ("a state", line_edit("interactions.jsonl", lambda one: one.update(state="failed")), "state of call0 is not what"),
    ("a cost", cheaper, "cost_usd of call1 is not what was recorded"),
    ("the sum of costs", dearer_report, "the totals are not the sums"),
    ("a call that was opened elsewhere", line_edit("interactions.jsonl", lambda one: one.update(opened=4)), "opened"),
    ("a call less", unsaid, "records 8 to 8 of a pack without holes"),
    ("a checkpoint of another key", by_another_key, "wrong key: checkpoint 4 of the pack: signed with a key"),
    ("a checkpoint less", cut_checkpoints, "unsigned: no checkpoint covers records 50 to 50"),
]


@pytest.mark.parametrize(("edit", "text"), [pytest.param(*case[1:], id=case[0]) for case in FITTED])
def test_a_manifest_that_was_rewritten_to_fit(pack: Path, edit: Edit, text: str) -> None:
    edit(pack)
    fit_manifest(pack)
    code, said = found(pack)
    assert code >= 11
    assert "the manifest is not the one that was signed" in said
    assert text in said
    assert "is not what the manifest says" not in said


@pytest.mark.parametrize(("edit", "text"), [pytest.param(*case[1:], id=case[0]) for case in FITTED])
def test_a_manifest_that_another_key_signed(pack: Path, edit: Edit, text: str) -> None:
    edit(pack)
    fit_manifest(pack, THIEF)
    code, said = found(pack)
    assert code == 17
    assert text in said


OTHERS: list[tuple[str, Edit, str]] = [
    ("a hash", line_edit("others.jsonl", lambda one: one.update(root=other_hash("x"))), "was not signed over"),
    ("a place", line_edit("others.jsonl", lambda one: one.update(first=3)), "nothing stands for record 2"),
    ("a size", line_edit("others.jsonl", lambda one: one.update(records=3)), "no subtree of 3 leaves can stand"),
    ("a larger one", line_edit("others.jsonl", lambda one: one.update(records=4)), "no subtree of 4 leaves can stand"),
    ("one less", without_line("others.jsonl", 0), "nothing stands for record 2"),
    ("the last less", without_line("others.jsonl", -1), "records, there are 4"),
    ("another order", swapped_lines("others.jsonl", 0, 1), "nothing stands for record 2"),
]


@pytest.mark.parametrize(("edit", "text"), [pytest.param(*case[1:], id=case[0]) for case in OTHERS])
def test_what_stands_for_the_others(part: Path, edit: Edit, text: str) -> None:
    edit(part)
    fit_manifest(part)
    code, said = found(part)
    assert code >= 13
    assert text in said


def test_a_pack_that_was_made_and_signed_by_somebody_else_is_told_by_the_key_alone(stranger: Path, whole: Path) -> None:
    assert found(stranger)[0] == 0
    assert found(stranger, given(whole))[0] == 17
    assert found(stranger, KEY.verifier(claimed_checkpoint(last(stranger)).origin))[0] == 17


def test_a_manifest_without_signature_is_none(pack: Path) -> None:
    (pack / "manifest.sig").write_text("")
    assert found(pack)[0] == 14


def test_a_signature_over_a_checkpoint_is_none_over_a_manifest(pack: Path) -> None:
    (pack / "manifest.sig").write_text(last(pack), encoding="utf-8")
    assert found(pack)[0] == 17
