"""The synthetic client's reading of a stream: only what a whole stream of the synthetic provider needs.

`recorder.wire` reads streams for the record; a client of its own keeps the demo and its tests from marking their own
homework.
"""

import json
from typing import Any


def stream_events(body: bytes) -> list[dict[str, Any]]:
    """Decode the events of a whole Messages stream."""
    lines = body.decode().split("\n")
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def content_blocks(body: bytes) -> list[dict[str, Any]]:
    """Put the content blocks of a whole Messages stream together; ValueError when the stream holds an error."""
    blocks: list[dict[str, Any]] = []
    inputs: dict[int, str] = {}
    for event in stream_events(body):
        match event:
            case {"type": "content_block_start", "content_block": block}:
                blocks.append(block)
            case {"type": "content_block_delta", "index": index, "delta": {"partial_json": part}}:
                inputs[index] = inputs.get(index, "") + part
            case {"type": "content_block_delta", "index": index, "delta": delta}:
                _, (name, part) = delta.items()
                blocks[index][name] = blocks[index].get(name, "") + part
            case {"type": "error", "error": error}:
                raise ValueError(f"the stream broke off: {error}")
    for index, text in inputs.items():
        blocks[index]["input"] = json.loads(text)
    return blocks
