from pathlib import Path

import pytest

from recorder.capture.compiled import CompiledFolder
from recorder.redact import many, prefilter
from recorder.redact.many import Many
from recorder.redact.prefilter import Prefilter

PATTERNS = [(1, b"sk-[a-z]{4}"), (7, b"key")]


@pytest.fixture
def folder(tmp_path: Path) -> CompiledFolder:
    return CompiledFolder(tmp_path / "compiled")


def files(folder: CompiledFolder) -> list[Path]:
    return sorted(folder.folder.iterdir())


def test_what_was_compiled_is_loaded(folder: CompiledFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Many(PATTERNS, once=False, kept=folder).ends(b"a key sk-abcd")
    (file,) = files(folder)
    assert file.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(many, "_compiled", lambda *_, **__: pytest.fail("compiled again"))
    assert Many(PATTERNS, once=False, kept=folder).ends(b"a key sk-abcd") == first == [(7, 5), (1, 13)]


@pytest.mark.parametrize("patterns", [[(1, b"sk-[a-z]{5}"), (7, b"key")], [(2, b"sk-[a-z]{4}"), (7, b"key")]])
def test_other_patterns_have_another_name(folder: CompiledFolder, patterns: list[tuple[int, bytes]]) -> None:
    Many(PATTERNS, once=False, kept=folder)
    Many(patterns, once=False, kept=folder)
    Many(PATTERNS, once=True, kept=folder)
    assert len(files(folder)) == 3


@pytest.mark.parametrize("damage", [b"", b"x", b"junk" * 100, None])
def test_what_is_damaged_is_compiled_again(folder: CompiledFolder, damage: bytes | None) -> None:
    Many(PATTERNS, once=False, kept=folder)
    (file,) = files(folder)
    whole = file.read_bytes()
    file.write_bytes(whole[:-3] + b"xxx" if damage is None else damage)
    assert Many(PATTERNS, once=False, kept=folder).ends(b"a key") == [(7, 5)]
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    folder = CompiledFolder(tmp_path / "file" / "compiled")
    assert Many(PATTERNS, once=False, kept=folder).ends(b"a key") == [(7, 5)]


def test_old_ones_go(folder: CompiledFolder) -> None:
    for number in range(20):
        folder.put(f"{number:02}", b"x")
    assert len(files(folder)) == 8
    assert folder.get("19") == b"x"


def test_the_prefilter_keeps_what_it_compiles(folder: CompiledFolder) -> None:
    prefilter._compiled_as_far_as_possible.cache_clear()
    assert set(Prefilter({"one": ["a+b"]}, folder).possible(b"aab")) == {"one"}
    assert len(files(folder)) == 1
