from typing import Any

from recorder.demo.answers import Tokens
from recorder.demo.cache import PromptCache

MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


def block(letter: str, **mark: Any) -> dict[str, Any]:
    """A block of 100 tokens."""
    return {"type": "text", "text": letter * (400 - len('{"type": "text", "text": ""}')), **mark}


def body(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"model": "m", "system": [block("s", **HOUR)], "messages": [{"role": "user", "content": list(blocks)}]}


def test_first_request_writes_up_to_the_last_mark() -> None:
    tokens = PromptCache().tokens(body(block("a", **MARK), block("b")), output=7)
    assert tokens == Tokens(input=100, output=7, cache_read=0, cache_write_5m=100, cache_write_1h=100)


def test_a_mark_that_moved_does_not_change_the_prefix() -> None:
    cache = PromptCache()
    cache.tokens(body(block("a", **MARK)), output=1)
    tokens = cache.tokens(body(block("a"), block("b", **MARK)), output=1)
    assert tokens == Tokens(input=0, output=1, cache_read=200, cache_write_5m=100)


def test_a_changed_message_leaves_the_system_prompt_cached() -> None:
    cache = PromptCache()
    cache.tokens(body(block("a", **MARK)), output=1)
    assert cache.tokens(body(block("x", **MARK)), output=1).cache_read == 100


def test_models_share_no_cache() -> None:
    cache = PromptCache()
    cache.tokens(body(block("a", **MARK)), output=1)
    assert cache.tokens(body(block("a", **MARK)) | {"model": "other"}, output=1).cache_read == 0
