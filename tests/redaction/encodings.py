"""Ways in which a text is written differently: each gives the new text and what became of the secret's fragments."""

import base64
import json
import textwrap
from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import quote

from tests.redaction.dice import Dice

type Written = tuple[str, tuple[str, ...]]
"""A text, and the runs in it that are the secret."""
type Way = Callable[[Dice, str, tuple[str, ...]], Written]

_SURE = 4
"""Shorter rests of a fragment say nothing."""


def _places(text: bytes, fragments: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for fragment in fragments:
        raw = fragment.encode()
        at = text.find(raw)
        while at >= 0:
            yield at, at + len(raw)
            at = text.find(raw, at + len(raw))


def plain(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    return text, fragments


def numbered(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    """Line numbers as Claude Code's Read tool prints them; `cat -n` has a tab."""
    first, arrow = dice.randint(1, 300), dice.pick(["→", "→", "\t"])
    return "\n".join(f"{first + at:6}{arrow}{line}" for at, line in enumerate(text.split("\n"))), fragments


def crlf(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    return text.replace("\n", "\r\n"), fragments


def diff(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    sign = dice.pick("+-")
    head = f"diff --git a/.env b/.env\nindex {dice.hex(7)}..{dice.hex(7)} 100644\n"
    head += "--- a/.env\n+++ b/.env\n@@ -1,4 +1,5 @@\n # x\n"
    return head + "\n".join(sign + line for line in text.split("\n")), fragments


def ansi(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    """Coloured as grep, bat and loggers do: the value itself, or each line."""
    on, off = f"\x1b[{dice.pick(['31', '01;31', '38;5;208', '1;32'])}m", dice.pick(["\x1b[0m", "\x1b[m\x1b[K"])
    if dice.random() < 0.5:
        return "\n".join(f"{on}{line}{off}" for line in text.split("\n")), fragments
    for fragment in set(fragments):
        text = text.replace(fragment, f"{on}{fragment}{off}")
    return text, fragments


def json_string(depth: int) -> Way:
    def way(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
        for _ in range(depth):
            text = json.dumps({dice.pick(["stdout", "output", "content", "result"]): text, "exit_code": 0})
        return text, fragments

    return way


def percent(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    coded = quote(text, safe="")
    return f"POST body: data={coded}&v=2", tuple(quote(fragment, safe="") for fragment in fragments)


def _coded_runs(text: bytes, fragments: tuple[str, ...], coded: str, whole: int, chars: int) -> tuple[str, ...]:
    """The parts of `coded` that hold nothing but secret: `whole` bytes are `chars` characters."""
    runs = []
    for start, end in _places(text, fragments):
        first, last = -(-start // whole) * chars, end // whole * chars
        runs += [run for run in coded[first:last].rstrip("=").split("\n") if len(run) >= _SURE]
    return tuple(runs)


def base64_line(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    encode = dice.pick([base64.b64encode, base64.b64encode, base64.urlsafe_b64encode])
    coded = encode(text.encode()).decode()
    return f"$ base64 -w0 <file>\n{coded}\n$", _coded_runs(text.encode(), fragments, coded, 3, 4)


def base64_wrapped(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    coded = base64.b64encode(text.encode()).decode()
    width = dice.pick([60, 64, 76])
    runs: list[str] = []
    for start, end in _places(text.encode(), fragments):
        first, last = -(-start // 3) * 4, end // 3 * 4
        cuts = [first, *(at for at in range(0, last, width) if at > first), last]
        runs += [coded[a:b].rstrip("=") for a, b in pairwise(cuts) if b - a >= _SURE]
    return "$ base64 secrets.txt\n" + "\n".join(textwrap.wrap(coded, width)), tuple(runs)


def hex_line(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    coded = text.encode().hex()
    coded = coded.upper() if dice.random() < 0.3 else coded
    return f"payload: {coded}", _coded_runs(text.encode(), fragments, coded, 1, 2)


def hex_dump(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    """As xxd prints, or `hexdump -C`; the column of readable characters holds the secret once more."""
    raw, canonical = text.encode(), dice.random() < 0.5
    lines = []
    for at in range(0, len(raw), 16):
        row = raw[at : at + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        if canonical:
            columns = "  ".join(row[part : part + 8].hex(" ") for part in (0, 8))
            lines.append(f"{at:08x}  {columns:<48}  |{shown}|")
        else:
            lines.append(f"{at:08x}: {row.hex(' ', -2):<39}  {shown}")
    runs: list[str] = []
    for start, end in _places(raw, fragments):
        for at in range(start - start % 16, end, 16):
            row = raw[max(start, at) : min(end, at + 16)]
            runs.append(row.decode())
            runs.append(
                row.hex(" ") if canonical else raw[at : at + 16].hex(" ", -2)[: 2 * len(row)] if at >= start else ""
            )
    return "\n".join(lines), tuple(run for run in runs if len(run) >= 6)


def escapes(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    r"""Every character as \uXXXX, as some serialisers write."""

    def coded(part: str) -> str:
        return "".join(f"\\u{ord(letter):04x}" for letter in part)

    return f'text = "{coded(text)}"', tuple(
        coded(part[at : at + 8]) for part in fragments for at in range(max(len(part) - 7, 1))
    )


def entities(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    style = dice.pick(["&#{};", "&#x{:x};"])

    def coded(part: str) -> str:
        return "".join(style.format(ord(letter)) for letter in part)

    return f"<pre>{coded(text)}</pre>", tuple(
        coded(part[at : at + 8]) for part in fragments for at in range(max(len(part) - 7, 1))
    )


def zero_width(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    for fragment in set(fragments):
        at = dice.randint(1, len(fragment) - 1)
        mark = dice.pick(["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
        text = text.replace(fragment, fragment[:at] + mark + fragment[at:])
    return text, fragments


def full_width(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    for fragment in set(fragments):
        wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in fragment)
        text = text.replace(fragment, wide)
    return text, fragments


def allow_comment(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    note = dice.pick(
        [
            "# gitleaks:allow",
            "// betterleaks:allow",
            "# pragma: allowlist secret",
            "# kingfisher:ignore",
            "# nosec trufflehog:ignore",
        ]
    )
    if "\n" in text:
        return f"{note}\n{text}\n{note}", fragments
    return f"{text}  {note}", fragments


def nul_bytes(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    return dice.pick([f"\0\0{text}\0", f"\0\x01\x02{text}", f"abc\0def\0\n{text}\n\0"]), fragments


def png_header(dice: Dice, text: str, fragments: tuple[str, ...]) -> Written:
    return f"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\n{text}\n", fragments
