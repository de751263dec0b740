"""A writer process with a broken detector: it does what `RECORDER_TEST_BREAK` names when a text holds the trigger."""

import ctypes
import os
import signal
import sys
from typing import NoReturn

from recorder.capture import writer
from recorder.redact.known import KnownValues
from recorder.redact.spans import Span

TRIGGER = "the straw that breaks it"


def _hang_in_native_code() -> None:
    ctypes.PyDLL(None).pause()  # waits for a signal and, unlike CDLL, holds the interpreter's lock meanwhile


def _hang_in_a_read() -> None:
    os.read(os.pipe()[0], 1)


def _raise() -> NoReturn:
    raise ValueError(TRIGGER)


def _eat() -> None:
    [bytearray(100_000_000) for _ in range(100)]


BREAKS = {
    "hang": _hang_in_native_code,
    "read": _hang_in_a_read,
    "raise": _raise,
    "always": _raise,
    "memory": _eat,
    "exit": lambda: os._exit(3),
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "abort": os.abort,
}


def break_detector(name: str) -> None:
    """Put the break into a detector."""
    find = KnownValues.find

    def broken(self: KnownValues, text: bytes) -> list[Span]:
        if name == "always" or TRIGGER.encode() in text:
            BREAKS[name]()
        return find(self, text)

    KnownValues.find = broken  # type: ignore[method-assign] -- that is what this is for


if __name__ == "__main__":
    break_detector(os.environ["RECORDER_TEST_BREAK"])
    writer.main(int(sys.argv[1]))
