"""Claude Code's own transcripts: `~/.claude/projects/**/*.jsonl`, an entry a line.

An answer is written as one `assistant` entry for each of its content blocks, all with the same `requestId` and
`message.id`; their `usage` grows, and the last one's is the answer's. A session that is resumed or forked repeats the
entries of the one before. Entries with the model `<synthetic>` are the client's own words, not a model's.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from recorder.reconcile.counted import Counted

_SYNTHETIC = "<synthetic>"


class _CacheCreation(msgspec.Struct):
    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0


class _Usage(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: _CacheCreation | None = None


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None


class _Entry(msgspec.Struct):
    type: str | None = None
    requestId: str | None = None  # noqa: N815 — as the client names it
    timestamp: str = ""
    message: _Message | None = None


class _Kind(msgspec.Struct):
    type: str | None = None


_kind = msgspec.json.Decoder(_Kind).decode
_entry = msgspec.json.Decoder(_Entry).decode


def read_transcripts(files: Iterable[Path]) -> list[Counted]:
    """Return the calls that transcripts tell of, each once, in no order.

    Lines that are no entries are passed over: a transcript that is being written ends in the middle of one. Raises
    OSError when a file cannot be read.
    """
    calls: dict[tuple[str | None, str | None], Counted] = {}
    for file in files:
        for number, entry in _entries(file):
            if (call := _call(entry, f"{file}:{number}")) is None:
                continue
            key = call.request_id, call.message_id
            before = calls.get(key)
            if before is None or sum(call.tokens) >= sum(before.tokens):
                calls[key] = msgspec.structs.replace(call, day=min(call.day, before.day) if before else call.day)
    return list(calls.values())


def _entries(file: Path) -> Iterator[tuple[int, _Entry]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                if _kind(line).type == "assistant":
                    yield number, _entry(line)
            except msgspec.MsgspecError:
                continue


def _call(entry: _Entry, where: str) -> Counted | None:
    message = entry.message
    if message is None or message.usage is None or not message.model or message.model == _SYNTHETIC:
        return None
    if not (entry.requestId or message.id):
        return None
    usage, split = message.usage, message.usage.cache_creation
    return Counted(
        day=entry.timestamp[:10],
        model=message.model,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_input_tokens or 0,
        cache_write_5m_tokens=split.ephemeral_5m_input_tokens if split else usage.cache_creation_input_tokens or 0,
        cache_write_1h_tokens=split.ephemeral_1h_input_tokens if split else 0,
        at_utc=entry.timestamp,
        request_id=entry.requestId,
        message_id=message.id,
        where=where,
    )
