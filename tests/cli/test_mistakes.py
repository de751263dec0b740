"""Whatever a user gives a command that reads: one line that says what is wrong, never a traceback."""

import shutil
import sqlite3

import click
import pytest
from click.testing import CliRunner

from recorder.cli import COMMANDS, main

SERVING = {"start", "run", "demo", "web", "tail", "doctor"}
"""They serve, or wait, until they are stopped."""
NO_TEXT = "\udcff"
"""As Python has a byte of an argument that is no UTF-8."""


def leaves():
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        if name in SERVING:
            continue
        if isinstance(command, click.Group):
            yield from ((name, sub) for sub in command.list_commands(context))
        else:
            yield (name,)


@pytest.fixture
def files(clean_env, sample_path, tmp_path, monkeypatch):
    monkeypatch.chdir(clean_env)  # some commands make the file that they are given
    shutil.copy(sample_path, tmp_path / "good.db")
    (tmp_path / "text.db").write_text("no database\n" * 100)
    (tmp_path / "empty.db").touch()
    (tmp_path / "folder").mkdir()
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE notes (text)")
    other.close()
    return tmp_path


@pytest.mark.parametrize("words", list(leaves()), ids=" ".join)
def test_a_mistake_is_told_in_a_line(files, words):
    good = str(files / "good.db")
    for given in (
        ["nosuch"],
        *(["--db", str(files / name)] for name in ("text.db", "empty.db", "other.db", "folder", "none.db")),
        *([*some, "--db", good] for some in ([NO_TEXT], [""], ["-1"], ["nosuch"], ["nosuch", "other"])),
        *(
            [*some, "--db", good]
            for some in (["-o", ""], ["-o", str(files / "folder")], ["-o", str(files / "no" / "x")])
        ),
        *([*some, "--db", good] for some in (["--session", NO_TEXT], ["--since", "gestern"], ["--limit", "-5"])),
    ):
        result = CliRunner().invoke(main, [*words, *given])
        assert isinstance(result.exception, SystemExit | None), (given, result.exception)
        assert "Traceback" not in result.stderr
