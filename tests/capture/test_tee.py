"""What the tee keeps of a body while it passes, and what it says about it."""

import time

from recorder.capture.tee import Tee


def test_chunks_pass_unchanged_and_each_is_kept_with_its_time() -> None:
    began = time.perf_counter_ns()
    tee = Tee(began)
    given = [b"one", b"three", b""]
    assert [tee.keep(chunk) for chunk in given] == given
    assert tee.pieces == [b"one", b"three"]
    chunks = tee.chunks().unpacked()
    assert [chunk.size for chunk in chunks] == [3, 5]
    times = [0, *(chunk.at_us for chunk in chunks), (time.perf_counter_ns() - began) // 1000]
    assert times == sorted(times)
    assert tee.first_us == chunks[0].at_us


def test_pieces_that_were_taken_are_counted_and_kept_no_longer() -> None:
    tee = Tee(0)
    tee.keep(b"one")
    assert tee.take() == [b"one"]
    assert (tee.pieces, tee.size) == ([], 3)
    tee.keep(b"three")
    assert (tee.take(), tee.size) == ([b"three"], 8)


def test_a_body_is_on_the_wire_from_its_first_chunk_on_or_with_its_end() -> None:
    tee = Tee(0)
    assert not tee.on_wire
    tee.keep(b"one")
    assert tee.on_wire
    empty = Tee(0)
    empty.keep(b"")
    assert empty.on_wire
    held = Tee(0)
    held.hold(b"whole")
    assert (held.on_wire, held.pieces) == (False, [b"whole"])


def test_what_is_measured_is_counted_only() -> None:
    tee = Tee(0)
    assert [tee.measure(chunk) for chunk in (b"one", b"three", b"")] == [b"one", b"three", b""]
    assert (tee.size, tee.pieces, tee.on_wire) == (8, [], True)
    assert tee.first_us is not None
    assert tee.chunks().unpacked() == ()
