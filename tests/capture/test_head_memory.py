"""The second place of the newest checkpoint: private, exact, and no reason to fail."""

from pathlib import Path

from recorder.capture.head_memory import HeadMemory


def test_keeps_the_last_note_however_long_the_one_before(tmp_path: Path) -> None:
    memory = HeadMemory(tmp_path / "state", tmp_path / "a.db")
    assert memory.read() is None
    for note in ("one\n", "a longer one\n", "two\n", "é\n"):
        memory.write(note)
        assert memory.read() == note
    assert memory.path.stat().st_mode & 0o777 == 0o600
    assert HeadMemory(tmp_path / "state", tmp_path / "a.db").read() == "é\n"


def test_each_database_has_its_own(tmp_path: Path) -> None:
    HeadMemory(tmp_path, tmp_path / "a.db").write("a")
    assert HeadMemory(tmp_path, tmp_path / "b.db").read() is None


def test_a_folder_that_cannot_be_had_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    memory = HeadMemory(tmp_path / "file", tmp_path / "a.db")
    memory.write("note")
    assert memory.read() is None


def test_what_is_no_text_is_nothing(tmp_path: Path) -> None:
    memory = HeadMemory(tmp_path, tmp_path / "a.db")
    memory.write("x")
    memory.path.write_bytes(b"\xff\xfe")
    assert memory.read() is None
