"""A prompt cache as the provider keeps one, in small: it makes the synthetic usage behave like the real one.

Blocks are taken in the provider's order: tools, system, messages. What lies before a `cache_control` mark is kept
under a hash of its prefix; the longest prefix that is known is read, the rest up to the last mark is written. Four
bytes count as a token. Entries do not expire.
"""

import hashlib
import json
from typing import Any

from recorder.demo.answers import Tokens

BYTES_PER_TOKEN = 4


class PromptCache:
    """Remembers prefixes over all requests that it is shown."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def tokens(self, body: dict[str, Any], output: int) -> Tokens:
        """Give the usage of a request, and remember its marked prefixes."""
        digest = hashlib.sha256(str(body.get("model")).encode())
        read = size = 0
        marks: list[tuple[int, str]] = []
        fresh: list[bytes] = []
        for block in _blocks(body):
            content = json.dumps({key: value for key, value in block.items() if key != "cache_control"}).encode()
            digest.update(content)
            size += len(content) // BYTES_PER_TOKEN
            if digest.digest() in self._known:
                read = size
            if mark := block.get("cache_control"):
                marks.append((size, mark.get("ttl", "5m")))
                fresh.append(digest.digest())
        self._known.update(fresh)
        return _usage(read, size, marks, output)


def _usage(read: int, size: int, marks: list[tuple[int, str]], output: int) -> Tokens:
    at, written = read, {"5m": 0, "1h": 0}
    for end, lifetime in marks:
        written[lifetime] += max(0, end - at)
        at = max(at, end)
    return Tokens(
        input=size - at,
        output=output,
        cache_read=read,
        cache_write_5m=written["5m"],
        cache_write_1h=written["1h"],
    )


def _blocks(body: dict[str, Any]) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [*body.get("tools", []), *_texts(body.get("system", []))]
    for message in body.get("messages", []):
        blocks += _texts(message["content"])
    return blocks


def _texts(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
