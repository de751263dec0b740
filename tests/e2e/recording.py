"""Runs the recorder as its documentation says, and reads its record through its own command line."""

import collections
import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import zstandard

from tests.e2e.installs import CHECKOUT, SHARED_CACHE
from tests.e2e.processes import accepts, bare_environment, free_port, run_to_end, running, until

START_SECONDS = 30
READ_SECONDS = 60


class Record:
    """One recorder's folder: its HOME, its database, its logs; all that it writes is in there."""

    def __init__(self, folder: Path, secrets: tuple[str, ...]) -> None:
        self.folder = folder
        self.db = folder / "record.db"
        self.log = folder / "recorder.log"
        self.env = bare_environment(
            folder,
            PYTHONPATH=os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "addons")]),
            XDG_CACHE_HOME=str(SHARED_CACHE),
        )
        self._secrets = secrets
        folder.mkdir()

    async def interactions(self) -> list[dict[str, Any]]:
        """Give what `recorder interactions --json` gives."""
        rows: list[dict[str, Any]] = json.loads(await self.read("interactions", "--db", str(self.db), "--json"))
        return rows

    async def show(self, interaction: str) -> dict[str, Any]:
        """Give what `recorder show --json` gives."""
        shown: dict[str, Any] = json.loads(await self.read("show", interaction, "--db", str(self.db), "--json"))
        return shown

    async def body(self, interaction: str, side: str) -> bytes:
        """Give what `recorder body` gives."""
        return await self.read("body", interaction, "--side", side, "--db", str(self.db))

    async def read(self, *words: str) -> bytes:
        """Run a command of the recorder; no secret may be in what it says."""
        exit_code, output, errors = await run_to_end(recorder(*words), self.env, self.folder, READ_SECONDS)
        assert exit_code == 0, errors.decode()
        assert not [secret for secret in self._secrets if secret.encode() in output + errors], words
        return output

    def leaks(self) -> list[str]:
        """Name every file of the folder, and every part inside the database, where a secret is found."""
        folders = self.folder, SHARED_CACHE
        files = {path.name: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
        assert self.db.name in files
        parts = {f"part {number}": content for number, content in _parts(self.db)}
        assert parts, "no parts are stored"
        return [
            f"{name} holds secret {number}"
            for name, content in (files | parts).items()
            for number, secret in enumerate(self._secrets)
            if secret.encode() in content
        ]


def _parts(db: Path) -> list[tuple[int, bytes]]:
    """Read the compressed parts past the recorder, which would rather not show a secret."""
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT id, coalesce(block, id), content FROM parts WHERE content IS NOT NULL ORDER BY id"
        ).fetchall()
    streams = collections.defaultdict(lambda: zstandard.ZstdDecompressor().decompressobj())
    return [(number, streams[block].decompress(content)) for number, block, content in rows]


def recorder(*words: str) -> list[str]:
    """Give the command line of `recorder …` in this environment, installed or not."""
    return [sys.executable, "-c", "from recorder.cli import main; main()", *words]


@contextlib.asynccontextmanager
async def running_mitmdump(record: Record, mode: str, **settings: str) -> AsyncIterator[int]:
    """Run `mitmdump -s addons/audit.py` in a mode; give the port that it listens on."""
    port = free_port()
    chosen = {"recorder_db": str(record.db), "confdir": str(record.folder / "conf"), **settings}
    words = [str(Path(sys.executable).with_name("mitmdump")), "-s", str(CHECKOUT / "addons" / "audit.py")]
    words += ["--mode", mode, "--listen-host", "127.0.0.1", "-p", str(port)]
    words += [word for name, value in chosen.items() for word in ("--set", f"{name}={value}")]

    async def is_ready() -> bool:
        return b"recording to" in record.log.read_bytes() and await accepts(port)

    async with running(words, record.env | {"PYTHONUNBUFFERED": "1"}, record.log) as process:
        await until(is_ready, process, record.log, START_SECONDS)
        yield port
    assert process.returncode == 0, f"ended with {process.returncode}:\n{_text(record.log)}"


def _text(path: Path) -> str:
    return path.read_text()
