"""Request bodies in the shape of Claude Code's: messages that call tools, and messages with the code these have read.

The text is real code (the standard library's), so that what a compressor makes of it is believable. Every message
holds a nonce that `fresh` replaces: no two requests share a message, and nothing that remembers messages is flattered.
"""

import itertools
import json
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

MODEL = "claude-haiku-4-5-20251001"
NONCE = "0badc0de0badc0de"
MESSAGE_CHARS = 4000
SMALL_BYTES = 20_000
MEDIUM_BYTES = 1_000_000
HUGE_BYTES = 13_000_000
LARGE_BYTES = 20_000_000
_SYSTEM_CHARS = 3000
_TOOL_CHARS = 600
_TOOLS = ("Bash", "Edit", "Glob", "Grep", "Read", "Write")
_SOURCES = ("argparse", "ast", "datetime", "doctest", "inspect", "mailbox", "pdb", "subprocess", "tarfile", "typing")
_counter = itertools.count(1)


@cache
def code() -> str:
    """Return half a megabyte of Python, the same for the same Python."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    files = [path for name in _SOURCES if (path := folder / f"{name}.py").exists()]
    return "".join(path.read_text(encoding="utf-8") for path in files)


def passage(number: int, chars: int = MESSAGE_CHARS) -> str:
    """Return one passage of the code, with the nonce at its beginning; a number has always the same one."""
    text = code()
    at = number * 3989 % (len(text) - chars)  # a prime step: passages begin elsewhere after each time around
    return f"# {NONCE} {number}\n{text[at : at + chars]}"


def messages(count: int, chars: int = MESSAGE_CHARS) -> list[dict[str, Any]]:
    """Return `count` messages: a question, then tool calls and results in turn."""
    first = {"role": "user", "content": [{"type": "text", "text": passage(0, chars)}]}
    return [first, *(_message(number, chars) for number in range(1, count))]


def request(content: list[dict[str, Any]], session: str = "bench") -> dict[str, Any]:
    """Return a request with these messages, as an object."""
    tools = [_tool(name, at) for at, name in enumerate(_TOOLS)]
    return {
        "model": MODEL,
        "messages": content,
        "system": [{"type": "text", "text": code()[:_SYSTEM_CHARS], "cache_control": {"type": "ephemeral"}}],
        "tools": tools,
        "metadata": {"user_id": json.dumps({"session_id": session})},
        "max_tokens": 32000,
        "stream": True,
    }


def dumps(value: Any) -> bytes:
    """Return JSON as JavaScript writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@cache
def template(size: int) -> bytes:
    """Return a body of about `size` bytes whose nonces are still to be replaced."""
    empty = len(dumps(request([])))
    count = max(1, round((size - empty) / len(dumps(_message(2, MESSAGE_CHARS)) + dumps(_message(1, 0))) * 2))
    return dumps(request(messages(count)))


def fresh(body: bytes) -> bytes:
    """Return the body with a nonce of its own in each message."""
    return body.replace(NONCE.encode(), f"{next(_counter):016x}".encode())


def _message(number: int, chars: int) -> dict[str, Any]:
    call = f"toolu_{NONCE}{(number + 1) // 2:06d}"
    if number % 2:
        arguments = {"file_path": f"/src/module_{number}.py", "note": NONCE}
        content = [{"type": "tool_use", "id": call, "name": "Read", "input": arguments}]
        return {"role": "assistant", "content": content}
    content = [{"type": "tool_result", "tool_use_id": call, "content": passage(number, chars)}]
    return {"role": "user", "content": content}


def _tool(name: str, at: int) -> dict[str, Any]:
    return {
        "name": name,
        "description": code()[10_000 + at * _TOOL_CHARS :][:_TOOL_CHARS],
        "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}},
    }
