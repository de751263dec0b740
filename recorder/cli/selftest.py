"""Doctor's self-test: one streamed request through a real recorder, to a synthetic provider, into its own database.

The provider holds its answer back after the first event until the client has seen that event: a recorder that buffers
would never get there.
"""

import asyncio
import contextlib
import tempfile
from pathlib import Path

from recorder.cli.addons_dir import serve_command
from recorder.cli.leaks import find_leaks
from recorder.cli.proxy_process import ServeOptions, running_proxy
from recorder.demo.answers import Answer, Text, Tokens
from recorder.demo.provider import Provider
from recorder.demo.secret import made_up_api_key
from recorder.errors import RecorderError
from recorder.model import State
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions
from recorder.store.results import InteractionRow

PATIENCE_SECONDS = 20.0
"""For one event to come through; it takes milliseconds."""

_BODY = b'{"model":"claude-haiku-4-5","max_tokens":16,"stream":true,"messages":[{"role":"user","content":"Hello"}]}'
_TOKENS = Tokens(input=11, output=7)


def run_selftest(serve: list[str] | None = None) -> str:
    """Play the test; return what was seen. Raises RecorderError when something else was seen."""
    with tempfile.TemporaryDirectory(prefix="recorder-doctor-") as folder:
        db = Path(folder) / "records.db"
        key = made_up_api_key("doctor")
        asyncio.run(_play(db, key, serve or serve_command()))
        _check_record(db)
        if find_leaks(db, [key]):
            raise RecorderError("the API key of the test request was found in the database; do not record with this")
    return "a streamed answer came through unbuffered, was recorded, and its key was not"


async def _play(db: Path, key: str, serve: list[str]) -> None:
    seen = asyncio.Event()
    answer = Answer(blocks=(Text("Hello from the synthetic provider."),), tokens=_TOKENS, gates={2: seen})
    async with contextlib.AsyncExitStack() as stack:
        provider = await stack.enter_async_context(Provider(lambda _request: answer))
        options = ServeOptions(specs=(f"reverse:{provider.url}",), db=db, settings={"recorder_project": "doctor"})
        proxies = contextlib.ExitStack()
        stack.push_async_callback(asyncio.to_thread, proxies.close)
        proxy = await asyncio.to_thread(proxies.enter_context, running_proxy(serve, options))
        listening = proxy.ready.listening[0]
        await _request(listening.host, listening.port, key, seen)


async def _request(host: str, port: int, key: str, seen: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: {host}:{port}\r\nX-Api-Key: {key}\r\nAnthropic-Version: 2023-06-01\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(_BODY)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + _BODY)
    try:
        early = await _read_until(reader, b"event: message_start")
        seen.set()
        if b"event: message_stop" not in early:
            await _read_until(reader, b"event: message_stop")
        await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _read_until(reader: asyncio.StreamReader, mark: bytes) -> bytes:
    data = b""
    while mark not in data:
        try:
            chunk = await asyncio.wait_for(reader.read(65536), PATIENCE_SECONDS)
        except TimeoutError:
            raise RecorderError(
                f"{mark.decode()} did not come within {PATIENCE_SECONDS:.0f} s: it is buffered"
            ) from None
        if not chunk:
            status = data.partition(b"\r\n")[0].decode("latin-1") or "no answer"
            raise RecorderError(f"the answer ended before {mark.decode()}: {status}")
        data += chunk
    return data


def _check_record(db: Path) -> None:
    reader = open_reader(db)
    try:
        rows = list_interactions(reader)
    finally:
        reader.close()
    if len(rows) != 1 or not _is_right(rows[0]):
        seen = (
            "; ".join(f"{row.state}, {row.input_tokens} tokens in, {row.output_tokens} out" for row in rows) or "none"
        )
        raise RecorderError(f"the record of the test request is wrong: {seen}")


def _is_right(row: InteractionRow) -> bool:
    counts = (row.input_tokens, row.output_tokens)
    return row.state == State.COMPLETE and counts == (_TOKENS.input, _TOKENS.output)
