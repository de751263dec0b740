"""Runs a command in this terminal as if we were not there: its input, output, signals and exit code are its own."""

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

from recorder.cli.options import say

NOT_EXECUTABLE = 126
NOT_FOUND = 127
"""As shells say it."""

_FROM_TERMINAL = ("SIGINT", "SIGQUIT")
"""The terminal sends these to the command as well, which decides what they mean; we wait for it."""
_PASSED_ON = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
"""These reach us alone."""


def find_program(name: str, path: str | None) -> str | None:
    """Return where a program is, None when there is none of that name; `path` is the PATH to search."""
    return shutil.which(name, path=path)


def run_child(command: Sequence[str], program: str, env: Mapping[str, str]) -> int:
    """Run `command`, whose first word is found at `program`; return its exit code, 128 + n when signal n ended it."""
    passing = _Signals()
    with passing.caught():
        try:
            process = subprocess.Popen([program, *command[1:]], env=dict(env))  # noqa: S603 — what the user asked for
        except OSError as error:
            say(f"{command[0]}: cannot be started: {error.strerror}")
            return NOT_EXECUTABLE
        passing.attach(process)
        code = process.wait()
    return 128 - code if code < 0 else code


class _Signals:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        # A handler, not SIG_IGN: the command would inherit that.
        actions = dict.fromkeys(_FROM_TERMINAL, self._leave) | dict.fromkeys(_PASSED_ON, self._pass_on)
        known = {getattr(signal, name): action for name, action in actions.items() if hasattr(signal, name)}
        before = {number: signal.signal(number, action) for number, action in known.items()}
        try:
            yield
        finally:
            for number, action in before.items():
                signal.signal(number, action)

    def attach(self, process: "subprocess.Popen[bytes]") -> None:
        """Send what came before the process was there."""
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def _leave(self, number: int, frame: FrameType | None) -> None:
        pass

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)
