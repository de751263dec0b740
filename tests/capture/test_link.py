"""The link to a writer process: what is written to the socket pair, and in how many pieces."""

import asyncio
import socket
from typing import Any

import msgspec
import pytest

from recorder.capture.link import JOINED_BYTES, Hear, WriterLink
from recorder.capture.messages import HEADER, Ack, Note, Open, Target, pack, size_of, unpack_message

NOTE = Note(kind="gap", at_us=1, body={})


class FakePipe:
    """Stands in for process, reader and writer of a link; remembers each write."""

    pid = 1

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.drained = 0
        self.unsent = 0

    def write(self, data: bytes) -> None:
        assert self.drained == len(self.writes)  # nothing piles up behind a slow writer
        self.writes.append(data)

    async def drain(self) -> None:
        self.drained += 1

    @property
    def transport(self) -> "FakePipe":
        return self

    def get_write_buffer_size(self) -> int:
        return self.unsent


def link_over(pipe: Any) -> WriterLink:
    return WriterLink(pipe, pipe, pipe)


async def sent(body: list[bytes]) -> list[bytes]:
    pipe = FakePipe()
    await link_over(pipe).send(NOTE, body, size_of(body))
    return pipe.writes


@pytest.mark.parametrize(
    "sizes",
    [[], [0], [1], [150] * 1000, [JOINED_BYTES], [JOINED_BYTES + 1], [1_000_000], [5, 1_000_000, 5, 5], [40_000] * 5],
)
async def test_a_frame_is_whole_however_it_is_cut(sizes: list[int]) -> None:
    body = [bytes([at % 251]) * size for at, size in enumerate(sizes)]
    frame = b"".join(await sent(body))
    meta_bytes, body_bytes = HEADER.unpack(frame[: HEADER.size])
    assert unpack_message(frame[HEADER.size :][:meta_bytes]) == NOTE
    assert body_bytes == sum(sizes)
    assert frame[HEADER.size + meta_bytes :] == b"".join(body)


async def test_a_stream_of_small_chunks_takes_few_writes() -> None:
    assert len(await sent([b"x" * 150] * 205)) == 1


async def test_a_large_body_is_not_copied() -> None:
    body = b"x" * 1_000_000
    head, piece = await sent([body])
    assert head == pack(NOTE, len(body))
    assert piece is body


async def test_a_small_frame_goes_at_once_unless_one_is_still_on_its_way() -> None:
    pipe = FakePipe()
    link = link_over(pipe)
    assert link.hand(NOTE, [b"x"] * 205, 205)
    assert pipe.writes == [pack(NOTE, 205) + b"x" * 205]
    assert not link.hand(NOTE, [b"x" * (JOINED_BYTES + 1)], JOINED_BYTES + 1)
    pipe.unsent = 1
    assert not link.hand(NOTE, [b"x"], 1)
    assert len(pipe.writes) == 1


class Writer:
    """A writer process that is there no more; the other end of the socket pair is the test's."""

    pid = 1

    async def wait(self) -> int:
        return 0


@pytest.mark.parametrize("size", [1, 3, 20, 1000])
async def test_acknowledgements_are_whole_however_they_arrive(size: int) -> None:
    said = [Ack(number=1), Ack(number=2, error="disk is full"), Ack(number=3)]
    data = b"".join(map(pack, said))
    heard: list[Ack] = []
    link, theirs = await linked(heard.append)
    with theirs:
        for at in range(0, len(data), size):
            theirs.sendall(data[at : at + size])
            await asyncio.sleep(0)
    await link.ended()
    assert heard == said
    await link.end()


async def test_what_is_no_acknowledgement_ends_the_link() -> None:
    link, theirs = await linked(lambda ack: None)
    with theirs:
        theirs.sendall(HEADER.pack(3, 0) + b"\xff\xff\xff")
        with pytest.raises(msgspec.DecodeError):
            await link.ended()
    await link.end()


async def linked(hear: Hear) -> tuple[WriterLink, socket.socket]:
    ours, theirs = socket.socketpair()
    return await WriterLink.over(Writer(), ours, hear), theirs  # type: ignore[arg-type]


@pytest.mark.parametrize(("path", "written"), [("/\udcff", r"/\xff"), ("/\udcff\ud800", r"/\udcff\ud800")])
def test_what_is_no_text_is_written_out(path: str, written: str) -> None:
    target = Target(method="POST", scheme="http", host="h", port=1, path=path)
    opening = Open(id="a", at_us=1, target=target, headers=(("x", "y"),), wire_bytes=0)
    plain = msgspec.structs.replace(opening, target=msgspec.structs.replace(target, path=written))
    assert unpack_message(pack(opening)[HEADER.size :]) == plain
