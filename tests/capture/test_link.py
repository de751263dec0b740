"""The link to a writer process: what is written to the socket pair, and in how many pieces."""

import asyncio
from typing import Any, cast

import pytest

from recorder.capture.link import JOINED_BYTES, WriterLink
from recorder.capture.messages import HEADER, Note, pack, unpack_message

NOTE = Note(kind="gap", at_us=1, body={})


class FakePipe:
    """Stands in for process, reader and writer of a link; remembers each write."""

    pid = 1

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.drained = 0

    def write(self, data: bytes) -> None:
        assert self.drained == len(self.writes)  # nothing piles up behind a slow writer
        self.writes.append(data)

    async def drain(self) -> None:
        self.drained += 1


async def sent(body: list[bytes]) -> list[bytes]:
    pipe: Any = FakePipe()
    await WriterLink(pipe, cast("asyncio.StreamReader", pipe), cast("asyncio.StreamWriter", pipe)).send(NOTE, body)
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
