import gzip

import brotli
import pytest

from recorder.wire.member import Member
from tests.wire.harness import cut_at

TEXT = b"".join(b"line %d of a text\n" % (n * n) for n in range(2000))
PACKED = gzip.compress(TEXT, mtime=0)


def run(member: Member, pieces: list[bytes]) -> bytes:
    out = []
    for piece in pieces:
        out += member.feed(piece)
        if member.broken is not None or member.rest is not None:
            break
    return b"".join(out)


def test_a_whole_member() -> None:
    member = Member("gzip")
    assert run(member, [PACKED + b"next"]) == TEXT
    assert (member.rest, member.broken, member.output_bytes) == (b"next", None, len(TEXT))


@pytest.mark.parametrize("places", [[], [100], [100, 5000], [1, 2, 3, 4999, 5000, 5001]])
def test_what_comes_before_an_error_does_not_depend_on_the_cut(places: list[int]) -> None:
    # The checksum at the end fails: the whole text comes before it.
    broken = PACKED[:-8] + b"\0" * 8
    member = Member("gzip")
    assert run(member, cut_at(broken, places)) == TEXT
    assert member.broken is not None
    assert member.input().endswith(member.broken)
    assert 0 < len(member.broken) <= 8
    assert member.output_bytes == len(TEXT)


@pytest.mark.parametrize("places", [[], [100], [100, 2000], list(range(1, 3000, 7))])
def test_a_byte_that_is_wrong_in_the_middle(places: list[int]) -> None:
    packed = gzip.compress(TEXT, compresslevel=1, mtime=0)
    # A block that claims the reserved type: the place where it stands is certain to fail.
    broken = packed[:10] + b"\x00\x05\x00\xfa\xffhello" + b"\x07" + packed[10:]
    member = Member("gzip")
    assert run(member, cut_at(broken, places)) == b"hello"
    assert member.broken is not None
    assert member.input().removesuffix(member.broken) == broken[:20]


@pytest.mark.parametrize("places", [[], [10], [1, 2, 3]])
def test_bytes_behind_brotli_do_not_cost_the_text(places: list[int]) -> None:
    member = Member("br")
    assert run(member, cut_at(brotli.compress(TEXT) + b"behind", places)) == TEXT
    assert member.rest is not None
    assert b"behind".startswith(member.rest)
    assert member.broken is None


def test_a_bomb_before_an_error_is_not_given_twice() -> None:
    packed = gzip.compress(bytes(3_000_000), mtime=0)
    member = Member("gzip")
    assert run(member, [packed[:-8] + b"\xff" * 8]) == bytes(3_000_000)
