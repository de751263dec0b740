import gzip

import pytest

from recorder.wire.anomaly import Anomaly
from recorder.wire.stage import Stage

NO_LIMIT = 1 << 30


def run(stage: Stage, *pieces: bytes) -> bytes:
    fed = b"".join(chunk for piece in pieces for chunk in stage.feed(piece))
    return fed + b"".join(stage.finish())


def kind_and_raw(stage: Stage) -> tuple[str, bytes] | None:
    found = stage.anomaly()
    return None if found is None else (found.kind, found.raw)


def test_members_follow_each_other() -> None:
    stage = Stage("gzip", NO_LIMIT)
    assert run(stage, gzip.compress(b"one, ") + gzip.compress(b"") + gzip.compress(b"two")) == b"one, two"
    assert stage.anomaly() is None


def test_a_coding_without_members_has_an_end() -> None:
    stage = Stage("deflate", NO_LIMIT)
    packed = b"\x78\x9c\x03\x00\x00\x00\x00\x01"
    assert run(stage, packed, packed) == b""
    assert kind_and_raw(stage) == ("coding_trailing", packed)


@pytest.mark.parametrize("behind", [b"x", b"\0" * 20, b"\x1f", b"\x1f\x8b\x08\0\0\0"])
def test_bytes_behind_the_last_member(behind: bytes) -> None:
    stage = Stage("gzip", NO_LIMIT)
    assert run(stage, gzip.compress(b"one") + behind) == b"one"
    assert kind_and_raw(stage) == ("coding_trailing", behind)


def test_an_error_in_a_later_member_keeps_the_ones_before() -> None:
    stage = Stage("gzip", NO_LIMIT)
    second = gzip.compress(b"two")[:-8] + b"\0" * 8
    assert run(stage, gzip.compress(b"one"), second, b"more") == b"onetwo"
    found = kind_and_raw(stage)
    assert found is not None
    assert found[0] == "coding_error"
    assert (second + b"more").endswith(found[1])
    assert found[1].endswith(b"\0more")


def test_the_limit_itself_is_allowed_and_no_byte_more() -> None:
    packed = gzip.compress(b"x" * 100_000)
    exact, short = Stage("gzip", 100_000), Stage("gzip", 99_999)
    assert run(exact, packed) == b"x" * 100_000
    assert exact.anomaly() is None
    assert run(short, packed) == b"x" * 99_999
    found = short.anomaly()
    assert found is not None
    assert (found.kind, found.detail) == (
        "coding_limit",
        "gzip: more than 99999 bytes come out; the rest is not decoded",
    )


def test_the_limit_is_for_all_members_together() -> None:
    stage = Stage("gzip", 5)
    assert run(stage, gzip.compress(b"one") * 3) == b"oneon"
    found = kind_and_raw(stage)
    assert found is not None
    assert found[0] == "coding_limit"


def test_what_never_was_in_the_coding_comes_as_it_came() -> None:
    stage = Stage("gzip", NO_LIMIT)
    assert run(stage, b'{"a', b'":1', b"}") == b'{"a":1}'
    detail = "gzip: the data is not valid; nothing could be decoded, so the body is kept as it came"
    assert stage.anomaly() == Anomaly("coding_error", detail)


def test_a_beginning_that_gives_nothing_comes_as_it_came() -> None:
    head = gzip.compress(b"one")[:10]
    stage = Stage("gzip", NO_LIMIT)
    assert list(stage.feed(head)) == []
    assert list(stage.finish()) == [head]
    assert kind_and_raw(stage) == ("coding_truncated", b"")


def test_finishing_twice_says_it_once() -> None:
    stage = Stage("gzip", NO_LIMIT)
    assert list(stage.feed(b"\x1f\x8b")) == []
    assert list(stage.finish()) == [b"\x1f\x8b"]
    assert list(stage.finish()) == []
