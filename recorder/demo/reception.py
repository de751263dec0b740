"""Reads HTTP/1.1 requests and keeps their bytes: a library would give its own idea of them."""

import asyncio

from recorder.demo.requests import SeenRequest, parse_head, seen_request

MAX_LINE_BYTES = 1024 * 1024
"""Limit of a head or a chunk's size line; give it to the StreamReader."""


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter | None = None) -> SeenRequest | None:
    """Read the next request; None at a clean end. IncompleteReadError or ValueError when it is broken.

    `writer` is asked for `100 Continue` when the client waits for it.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return None
    _, _, headers = parse_head(head)
    fields = {name.lower(): value for name, value in headers}
    if writer is not None and fields.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in fields.get("transfer-encoding", "").lower():
        return seen_request(head, *await _read_chunks(reader))
    body = await reader.readexactly(int(fields.get("content-length", "0")))
    return seen_request(head, body, body)


async def _read_chunks(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Give a chunked body as it came, and without its framing."""
    framed, body = bytearray(), bytearray()
    size = -1
    while size:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        data = await reader.readexactly(size)
        framed += line + data
        body += data
        if size:
            framed += await reader.readuntil(b"\r\n")
    line = b""
    while line != b"\r\n":  # trailers, if any, up to the empty line
        line = await reader.readuntil(b"\r\n")
        framed += line
    return bytes(framed), bytes(body)
