"""Frames as they come out of the socket: in order, whole, large ones alone."""

import socket
import threading

import pytest

from recorder.capture.frames import LARGE_BYTES, MOST_FRAMES, FrameReader
from recorder.capture.messages import Note, Open, Target, pack

SMALL, LARGE = b"s" * 50, b"l" * LARGE_BYTES


def frame(body: bytes, kind: str = "gap") -> bytes:
    return pack(Note(kind=kind, at_us=1, body={}), len(body)) + body


def batches(data: bytes) -> list[list[tuple[int, bytes]]]:
    """Return the numbers and bodies of all batches of a connection over which this came at once."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_000_000)
        sender = threading.Thread(target=lambda: (ours.sendall(data), ours.close()))
        sender.start()
        if len(data) < LARGE_BYTES:
            sender.join()
        reader = FrameReader(theirs)
        found = []
        while batch := reader.batch():
            found.append([(one.number, one.body) for one in batch])
        sender.join()
    return found


def test_what_is_there_is_one_batch() -> None:
    assert batches(frame(SMALL) + frame(b"") + frame(b"x")) == [[(0, SMALL), (1, b""), (2, b"x")]]


def test_a_batch_is_bounded() -> None:
    sizes = [len(batch) for batch in batches(frame(b"") * (MOST_FRAMES + 3))]
    assert sizes == [MOST_FRAMES, 3]


def test_a_large_frame_is_alone_and_in_its_place() -> None:
    kinds = [SMALL, LARGE, SMALL, SMALL, LARGE, LARGE, SMALL]
    found = batches(b"".join(map(frame, kinds)))
    assert [pair for batch in found for pair in batch] == list(enumerate(kinds))
    assert all(len(batch) == 1 for batch in found if LARGE in {body for _, body in batch})


@pytest.mark.parametrize("left", [3, 20, len(frame(SMALL)) - 1])
def test_a_frame_that_was_cut_off_is_not_there(left: int) -> None:
    assert batches(frame(SMALL) + frame(SMALL)[:left]) == [[(0, SMALL)]]
    assert batches(frame(SMALL)[:left]) == []
    assert batches(frame(LARGE)[:-1]) == []


def test_nothing_came() -> None:
    assert batches(b"") == []


def opened(name: str, body: bytes = b"") -> bytes:
    target = Target(method="POST", scheme="http", host="h", port=1, path="/")
    message = Open(id=name, at_us=1, target=target, headers=(), wire_bytes=len(body))
    return pack(message, len(body)) + body


def test_small_frames_go_first_but_for_those_of_the_exchange_that_is_worked_on() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = FrameReader(theirs)
        ours.sendall(opened("a", b"1") + frame(b"2") + opened("b", b"3") + opened("c", b"4") + frame(b"5"))
        assert [one.body for one in reader.small("b", 1)] == [b"1"]
        assert [one.body for one in reader.small("b", 8)] == [b"2"]
        assert reader.small("b", 8) == []
        assert [(one.number, one.body) for one in reader.batch()] == [(2, b"3"), (3, b"4"), (4, b"5")]
        assert reader.small("b", 8) == []
        ours.close()
        assert reader.small("b", 8) == reader.batch() == []


def test_a_large_frame_does_not_go_first() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=lambda: ours.sendall(frame(b"1") + frame(LARGE) + frame(b"2")))
        sender.start()
        reader = FrameReader(theirs)
        assert [one.body for one in reader.batch()] == [b"1"]
        assert reader.small("b", 8) == []
        assert [one.body for one in reader.batch()] == [LARGE]
        sender.join()
        assert [one.body for one in reader.small("b", 8)] == [b"2"]


def test_whether_a_frame_waits() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        reader = FrameReader(theirs)
        assert not reader.is_waiting()
        ours.sendall(frame(SMALL) + frame(LARGE[:10]))
        assert reader.is_waiting()
        assert len(reader.batch()) == 2
        assert not reader.is_waiting()
        ours.close()
        assert reader.is_waiting()
        assert reader.batch() == []


def test_a_large_frame_behind_small_ones_waits() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        reader = FrameReader(theirs)
        sender = threading.Thread(target=ours.sendall, args=(frame(SMALL) + frame(LARGE),))
        sender.start()
        assert len(reader.batch()) == 1
        assert reader.is_waiting()
        assert len(reader.batch()) == 1
        sender.join()
        assert not reader.is_waiting()
