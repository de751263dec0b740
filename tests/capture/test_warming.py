"""What is done while nothing is asked for: it teaches a redactor nothing, and gives way to whatever arrives."""

import socket

import pytest

from recorder.capture.frames import FrameReader
from recorder.capture.messages import Note, pack
from recorder.capture.warming import warming
from recorder.capture.writer import _got_ready, _next_batch
from recorder.redact import RedactionError
from tests.support.redactors import fresh

NOTE = pack(Note(kind="gap", at_us=1, body={}))


def test_it_ends_and_leaves_the_redactor_as_it_was() -> None:
    redactor, other = fresh(), fresh()
    assert len(list(warming(redactor))) > 20
    text = '{"password": "hunter2-Xk91", "key": "value"}'
    assert redactor.json(text.encode()) == other.json(text.encode())
    assert redactor.links == []


@pytest.mark.parametrize("error", [RedactionError("withheld"), OSError("no such file"), MemoryError()])
def test_what_fails_ends_it_and_not_the_writer(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    redactor = fresh()

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(redactor, "json", broken)
    assert list(_got_ready(warming(redactor))) == [None]


def test_steps_are_done_until_something_arrives() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done: list[int] = []

        def steps():
            for number in range(5):
                done.append(number)
                if number == 2:
                    ours.sendall(NOTE)
                yield

        reader, idle = FrameReader(theirs), steps()
        assert len(_next_batch(reader, idle)) == 1
        assert done == [0, 1, 2]
        ours.sendall(NOTE)
        assert len(_next_batch(reader, idle)) == 1
        assert done == [0, 1, 2]
        assert len(list(idle)) == 2
        ours.close()
        assert _next_batch(reader, idle) == []
