"""A recorder in a process of its own, with a home of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from recorder.store.database import open_reader
from recorder.store.queries import list_interactions
from recorder.store.results import InteractionRow

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60
CACHE = ROOT / ".venv" / "cache"
"""Shared by all tests: to compile the detectors' rules takes seconds."""
RECORDER_CACHE = CACHE / "llm-audit-recorder"
"""A recorder's own, in it."""


class RecorderProcess:
    """`addons/serve.py` as a forward proxy (or in the mode given); its database, its output, its files."""

    def __init__(
        self, home: Path, *words: str, mode: str = "regular@127.0.0.1:0", env: dict[str, str] | None = None
    ) -> None:
        self.home = home
        self.db = home / "records.db"
        self._words = [sys.executable, str(ROOT / "addons" / "serve.py"), "--mode", mode, "--db", str(self.db)]
        self._words += ["--set", f"confdir={home / 'mitmproxy'}", *words]
        self._env = (
            os.environ
            | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(CACHE)}
            | (env or {})
        )

    def __enter__(self) -> Self:
        with (self.home / "stderr.txt").open("wb") as errors:
            self.process = self.launch(errors.fileno())
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            self.process.stdout.close()
            raise AssertionError(f"no start: {self.errors} (exit {self.process.wait()})")
        self.said = json.loads(line)
        self.url = "http://{host}:{port}".format(**self.said["listening"][0])
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def launch(self, errors: int) -> subprocess.Popen[bytes]:
        """Start the process; it writes its errors to that file descriptor."""
        return subprocess.Popen(
            self._words, env=self._env, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it (nothing happens when it has ended) and return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(WAIT_SECONDS)
        assert self.process.stdout
        self.process.stdout.close()
        return code

    @property
    def errors(self) -> str:
        """What it wrote to standard error so far."""
        return (self.home / "stderr.txt").read_text()

    def interactions(self, **filters: Any) -> list[InteractionRow]:
        """Return what is on the record now."""
        db = open_reader(self.db)
        try:
            return list_interactions(db, **filters)
        finally:
            db.close()

    def one(self, session: str) -> InteractionRow:
        """Return a session's only interaction."""
        (row,) = self.interactions(session=session)
        return row

    async def closed(self, session: str) -> InteractionRow:
        """Wait until a session's only interaction is closed: for ends that no client sees."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            rows = self.interactions(session=session)
            if rows and rows[0].state != "open":
                return self.one(session)
            await asyncio.sleep(0.02)  # the end is visible in the database alone
        raise AssertionError(f"not closed within {WAIT_SECONDS} s: {self.interactions(session=session)}")

    def every_byte(self) -> bytes:
        """Return all bytes of all files that it has written."""
        return b"\0".join(path.read_bytes() for path in self.home.rglob("*") if path.is_file())
