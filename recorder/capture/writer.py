"""The writer process: `python -m recorder.capture.writer FD`, started by `recorder.capture.link`.

It decodes, cuts, redacts, prices and commits beside the proxy, so that none of that work holds up a stream. It ends
when the other side of its socket is gone, after writing what it had received whole.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from recorder.capture.alarm import Alarm
from recorder.capture.frames import Frame, FrameReader
from recorder.capture.limits import GIVEN_BACK_BYTES, forbid_core_dumps, give_back_free, give_back_large, limit_memory
from recorder.capture.messages import Ack, Hello, pack
from recorder.errors import RecorderError
from recorder.pricing import load


def main(descriptor: int) -> None:
    """Serve one connection on an inherited socket until it ends."""
    sys.excepthook = _say_type_only
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    forbid_core_dumps()
    give_back_large()
    _let_others_go_first()
    with socket.socket(fileno=descriptor) as sock:
        frames = FrameReader(sock)
        greeting = frames.batch()
        if greeting and isinstance(hello := greeting[0].message, Hello):
            _serve(sock, frames, hello)


def _serve(sock: socket.socket, frames: FrameReader, hello: Hello) -> None:
    # These import the detectors: not before the socket is taken.
    from recorder.capture.redaction import prepare  # noqa: PLC0415

    prepare(Path(hello.cache_dir))
    from recorder.capture.desk import Desk  # noqa: PLC0415

    try:
        desk = Desk(hello, Alarm(hello.frame_seconds))
    except RecorderError as error:
        sock.sendall(pack(Ack(number=0, error=str(error))))
        return
    sock.sendall(pack(Ack(number=0, loading=True)))
    idle = _got_ready(desk.sit_down(frames.small, lambda acks: sock.sendall(b"".join(map(pack, acks)))))
    _keep_what_is_there()
    limit_memory(hello.memory_mb * 1_000_000)
    with contextlib.suppress(ConnectionError):
        sock.sendall(pack(Ack(number=0)))
        while batch := _next_batch(frames, idle):
            sock.sendall(b"".join(map(pack, desk.take(batch))))
            if len(batch[-1].body) >= GIVEN_BACK_BYTES:
                batch.clear()
                give_back_free()
    desk.close()  # else all that is in the log would stay there, and a copy of the database file alone be empty


def _next_batch(frames: FrameReader, idle: Iterator[None]) -> list[Frame]:
    """Wait for a batch, and do some of what there is to do while nobody waits."""
    while not frames.is_waiting() and next(idle, True) is None:
        pass
    return frames.batch()


def _got_ready(warm_up: Iterator[None]) -> Iterator[None]:
    """Get ready for the first answer and the first texts, in steps."""
    with contextlib.suppress(Exception):  # whoever prices something will meet it again, and say so
        load()
    yield
    with contextlib.suppress(Exception):  # it saves time, no more; a request will meet the same, and say so
        yield from warm_up
    _keep_what_is_there()


def _keep_what_is_there() -> None:
    # It stays: not looking at it again spares every thousandth request a stall of 30 ms and more.
    gc.collect()
    gc.freeze()


def _let_others_go_first() -> None:
    # Woken by a request, this process would take the processor from the very proxy that is about to forward it, where
    # there are no more processors than work. As "batch" it waits until the proxy has nothing to do (Linux).
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _say_type_only(kind: type[BaseException], _value: BaseException, _trace: object) -> None:
    # A traceback shows values, and here values are prompts and keys.
    print(f"recorder: the writer process failed with {kind.__name__}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
