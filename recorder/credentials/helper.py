"""A command that prints a credential, as Claude Code's `apiKeyHelper`; what it says is never shown."""

import asyncio
import contextlib
import os
import signal

from recorder.credentials.references import checked
from recorder.errors import ConfigError, CredentialError

TTL_VARIABLE = "CLAUDE_CODE_API_KEY_HELPER_TTL_MS"
TTL_SECONDS = 300.0
"""Claude Code's: https://code.claude.com/docs/en/settings, `apiKeyHelper`, seen in November 2026."""
_MOST_BYTES = 100_000


def ttl_seconds(given: float | None, environment: str | None = None) -> float:
    """Return how long a helper's output is used: as configured, as Claude Code's variable says, or five minutes."""
    if given is not None:
        return given
    try:
        return max(0.0, int(environment or "") / 1000)
    except ValueError:
        return TTL_SECONDS


async def run_helper(command: str, where: str) -> str:
    """Return what a shell command prints. Raises CredentialError; cancelled, it ends the command and its children."""
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout
    try:
        output = await process.stdout.read(_MOST_BYTES)
        while len(output) < _MOST_BYTES and (more := await process.stdout.read(_MOST_BYTES)):
            output += more
        code = await process.wait() if len(output) < _MOST_BYTES else None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code != 0:
        ended = "printed more than a credential" if code is None else _ending(code)
        raise CredentialError(f"{where}: the helper {ended}; run it by hand to see why")
    try:
        return checked(output.decode("latin-1").strip(), f"{where}: what the helper printed")
    except ConfigError as error:
        raise CredentialError(str(error)) from None


def _ending(code: int) -> str:
    if code == 127:
        return "was not found (exit code 127)"
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
