"""Recorders and writers that start at once: forked from a process that has all of their code and detectors loaded.

To load them takes seconds of a processor, which is most of what a thousand kills would take. What runs afterwards is
the product's own: `addons/serve.py` and `recorder.capture.writer`, each in a process of its own with its own settings;
only that a writer's detectors are the ones that were loaded, whatever its configuration says.

`python -m tests.faults.nursery PATH` listens on a socket. Each connection is one process: it takes what to run with its
file descriptors, tells the process id, and in the end the exit code.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from recorder.capture import desk, writer
from recorder.capture.link import Hear, WriterLink
from recorder.redact import Redactor
from tests.faults import workload
from tests.support.recorder_process import CACHE, ROOT, WAIT_SECONDS, RecorderProcess

NURSERY = "RECORDER_TEST_NURSERY"
"""Environment variable: where a recorder finds the socket for its writers."""


class Born:
    """A process of the nursery, as far as the callers of `subprocess.Popen` and asyncio's `Process` need it."""

    def __init__(self, path: str, words: Sequence[str], env: dict[str, str], descriptors: Sequence[int]) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sock.connect(path)
        socket.send_fds(self._sock, [json.dumps([words, env]).encode()], descriptors)
        self.pid = int(self._sock.recv(32))
        self.returncode: int | None = None
        self.stdout: Any = None

    def send_signal(self, number: int) -> None:
        """Signal it, if it is there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as nothing else does: without a word."""
        self.send_signal(signal.SIGKILL)

    def wait_for_exit(self, seconds: float = WAIT_SECONDS) -> int:
        """Return the exit code, negative for a signal. Raises TimeoutError."""
        if self.returncode is None:
            self._sock.settimeout(seconds)
            self._over(self._sock.recv(32))
        return self.returncode or 0

    async def wait(self) -> int:
        """Wait for the exit code in an event loop."""
        if self.returncode is None:
            self._sock.setblocking(False)
            self._over(await asyncio.get_running_loop().sock_recv(self._sock, 32))
        return self.returncode or 0

    def _over(self, said: bytes) -> None:
        self.returncode = int(said)
        self._sock.close()


class NurseryProcess(RecorderProcess):
    """A recorder that is forked, and whose writers are."""

    def __init__(self, home: Path, path: str, *words: str) -> None:
        super().__init__(home, *words, env={NURSERY: path})
        self._path = path

    def kill(self, target: str) -> None:
        """End the `proxy`, the `writer` or `both`, without a word."""
        pids = [self.process.pid] if target in {"proxy", "both"} else []
        if target in {"writer", "both"}:
            pids.append(int(_pid_file(self.home).read_text()))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def launch(self, errors: int) -> Any:
        ours, theirs = os.pipe()
        try:
            born = Born(self._path, self._words[1:], self._env, [theirs, errors])
        finally:
            os.close(theirs)
        born.stdout = os.fdopen(ours, "rb")
        return born

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it (nothing happens when it has ended) and return its exit code."""
        self.process.send_signal(number)
        code: int = self.process.wait_for_exit()
        assert self.process.stdout
        self.process.stdout.close()
        return code


class Nursery:
    """The process that forks; `path` is its socket's."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "nursery")

    def __enter__(self) -> Self:
        words = [sys.executable, "-m", "tests.faults.nursery", self.path]
        env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "addons")])}
        self._process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdout
        assert self._process.stdout.readline(), "the nursery did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


def _pid_file(home: Path) -> Path:
    return home / "writer.pid"


def main(path: str) -> None:
    """Load everything once, then fork for whoever connects, until killed."""
    import serve  # type: ignore[import-not-found]  # noqa: PLC0415 -- from the addons' folder, in this process alone

    folder = CACHE / "rules"
    folder.mkdir(parents=True, exist_ok=True)
    redactor = Redactor(b"k" * 32, engine_cache_dir=str(folder))
    desk.make_redactor = lambda *_, **__: redactor  # type: ignore[assignment]
    with TemporaryDirectory() as home:  # what is loaded with the first interaction is loaded now
        first = workload.take_a_seat(Path(home), "first")
        workload.record(first, range(1), {})
        first.close()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen(64)
        print("ready", flush=True)  # noqa: T201 -- what its parent waits for
        while True:
            client, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _attend(client, serve.main)
            client.close()


def _attend(client: socket.socket, proxy: Callable[[], int]) -> None:
    """Fork what was asked for, say how it ended, end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    data, descriptors, _, _ = socket.recv_fds(client, 1 << 20, 4)
    words, env = json.loads(data)
    if (pid := os.fork()) == 0:
        client.close()
        os.setsid()
        _run(words, env, descriptors, proxy)
    for descriptor in descriptors:
        os.close(descriptor)
    try:
        client.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        client.send(str(os.waitstatus_to_exitcode(status)).encode())
    except OSError:
        pass  # nobody waits for it any more
    os._exit(0)


def _run(words: list[str], env: dict[str, str], descriptors: list[int], proxy: Callable[[], int]) -> None:
    code = 1
    try:
        if words[0] == "writer":
            writer.main(descriptors[0])
            code = 0
        else:
            os.dup2(descriptors[0], 1)
            os.dup2(descriptors[1], 2)
            for descriptor in descriptors:
                os.close(descriptor)
            os.environ.clear()
            os.environ.update(env)
            sys.argv = words
            WriterLink.spawn = classmethod(_spawn)  # type: ignore[assignment,method-assign]
            code = proxy()
        sys.stdout.flush()
    finally:
        os._exit(code)


async def _spawn(link: type[WriterLink], hear: Hear) -> WriterLink:
    """In place of `WriterLink.spawn`."""
    ours, theirs = socket.socketpair()
    process = Born(os.environ[NURSERY], ["writer"], {}, [theirs.fileno()])
    theirs.close()
    _pid_file(Path(os.environ["HOME"])).write_text(str(process.pid))
    return await link.over(process, ours, hear)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1])
