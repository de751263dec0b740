"""`make bench-redact`: megabytes a second of one processor that redaction takes, by sort of text.

First seen: each sort by a redactor of a process in which no text of that sort has been, got ready as the writer gets
its own ready after a start. Then: the best of five. The texts are the contents of tool results in messages, as Claude
Code sends them.
"""

# ruff: noqa: T201 -- a report is printed

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from recorder.capture.warming import warming
from recorder.redact import Redactor
from tests.bench.bodies import dumps, messages
from tests.redaction.ordinary import sources
from tests.support.redactors import fresh

MEGABYTE = 1_000_000
MESSAGE_CHARS = 30_000
ROUNDS = 5
WORDS = "compiling checking warning error test ok failed src lib main module finished in running".split()  # noqa: SIM905


def source() -> Iterator[bytes]:
    """Yield ordinary source code, a file a message."""
    return (_message(text) for _, text in sources(MEGABYTE))


def conversation() -> Iterator[bytes]:
    """Yield the messages of a conversation of a megabyte: calls of tools, and 4 kB of code for each."""
    return (dumps(one) for one in messages(440))


def prose() -> Iterator[bytes]:
    """Yield documentation strings of this Python's own library."""
    lines = (line for _, text in sources(8 * MEGABYTE) for line in text.splitlines() if line.count(" ") > 6)
    return _messages("\n".join(line.strip(" #*") for line in lines))


def hashes() -> Iterator[bytes]:
    """Yield a listing of hashes and names."""
    rng = random.Random(1)
    return _messages("\n".join(f"{rng.randbytes(20).hex()}  refs/heads/feature-{number}" for number in range(16_000)))


def coloured() -> Iterator[bytes]:
    """Yield the log of a build, with colours."""
    rng = random.Random(2)
    return _messages("\n".join(_log_line(rng) for _ in range(11_000)))


def one_line() -> Iterator[bytes]:
    """Yield source code without a line break, as minified code has none."""
    return _messages(" ".join(" ".join(text.split()) for _, text in sources(2 * MEGABYTE)))


def request_log() -> Iterator[bytes]:
    """Yield a log of requests as JSON Lines."""
    rng = random.Random(3)
    lines = (
        {"at": number, "id": rng.randbytes(8).hex(), "path": f"/items/{number}?page=2", "ms": 7}
        for number in range(14_000)
    )
    return _messages("\n".join(map(json.dumps, lines)))


def made_to_match() -> Iterator[bytes]:
    """Yield a text that every second rule stops at, and turns away."""
    return _messages("password: " * (MEGABYTE // 10))


SORTS: tuple[Callable[[], Iterator[bytes]], ...] = (
    source, conversation, prose, hashes, coloured, one_line, request_log, made_to_match,
)  # fmt: skip


def measured(redactor: Redactor, texts: Sequence[bytes]) -> float:
    """Return how many megabytes a second were redacted, of this process's processor time."""
    began = time.process_time()
    redactor.json_each(texts)
    return sum(map(len, texts)) / MEGABYTE / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sort", nargs="?", choices=[sort.__name__ for sort in SORTS], help="this one, in this process")
    name = parser.parse_args().sort
    if name is None:
        print(f"load of the machine: {os.getloadavg()[0]:.1f}\n")
        print("| text | MB | MB/s first seen | MB/s |\n|---|---:|---:|---:|", flush=True)
        for sort in SORTS:
            subprocess.run([sys.executable, "-m", __spec__.name, sort.__name__], check=True)
        return
    texts = next(list(sort()) for sort in SORTS if sort.__name__ == name)
    redactor = fresh()
    for _ in warming(redactor):
        pass
    first, *others = (measured(redactor, texts) for _ in range(ROUNDS + 1))
    print(f"| {name.replace('_', ' ')} | {sum(map(len, texts)) / MEGABYTE:.1f} | {first:.1f} | {max(others):.1f} |")


def _messages(text: str) -> Iterator[bytes]:
    for at in range(0, min(len(text), MEGABYTE), MESSAGE_CHARS):
        yield _message(text[at : at + MESSAGE_CHARS])


def _message(text: str) -> bytes:
    return dumps({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_01", "content": text}]})


def _log_line(rng: random.Random) -> str:
    colour, what = rng.choice((31, 32, 33, 36)), rng.choice(WORDS)
    place = f"\x1b[1m{what}_{rng.choice(WORDS)}.py\x1b[0m:{rng.randrange(900)}"
    return f"\x1b[{colour}m{what}\x1b[0m {place} {' '.join(rng.choices(WORDS, k=5))} \x1b[2m[7%]\x1b[0m"


if __name__ == "__main__":
    main()
