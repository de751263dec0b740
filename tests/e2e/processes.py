"""Child processes: started with a bound on everything, their output in a file, ended by their own id."""

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.05


def bare_environment(home: Path, **settings: str) -> dict[str, str]:
    """Give an environment with nothing of ours in it but PATH."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "TMPDIR": str(home), **settings}


def free_port() -> int:
    """Find a port for a program that cannot say which one it got."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def running(words: list[str], env: Mapping[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program while the block runs; then ask it to end, and make it end when it does not within 20 s."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *words, env=env, cwd=log.parent, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(20):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def run_to_end(
    words: Sequence[str], env: Mapping[str, str], cwd: Path, seconds: float
) -> tuple[int, bytes, bytes]:
    """Run a program to its end; give its exit code and what it said on stdout and stderr."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            *words, env=env, cwd=cwd, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=errors
        )
        try:
            async with asyncio.timeout(seconds):
                exit_code = await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            said = _content(output)[-2000:], _content(errors)[-2000:]
            raise AssertionError(f"{words[0]} did not end within {seconds} s; it said {said}") from None
        return exit_code, _content(output), _content(errors)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


async def until(
    ready: Callable[[], Awaitable[bool]], process: asyncio.subprocess.Process, log: Path, seconds: float
) -> None:
    """Ask again and again whether a program is ready; fails with its log when it ends or takes too long."""
    try:
        async with asyncio.timeout(seconds):
            while not await ready():
                assert process.returncode is None, f"ended with {process.returncode}:\n{_text(log)}"
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise AssertionError(f"not ready after {seconds} s:\n{_text(log)}") from None


async def accepts(port: int) -> bool:
    """Say whether something listens on a port of the loopback."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _text(log: Path) -> str:
    return log.read_text()
