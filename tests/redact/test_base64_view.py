import base64
import gzip
import random
import re
import textwrap
from collections.abc import Iterator

import pytest

from recorder.redact.base64_view import base64_decoded
from recorder.redact.regex import compile_bytes
from recorder.redact.runs import decode_base64, is_text

TEXT = b"password=hunter2 and some more text, so that it takes more than one line of base64"

# What a run is, as patterns; the view finds the same ones without reading every byte.
PLAIN = compile_bytes(r"(?:[A-Za-z0-9+/]{40,}(?:\r?\n|\r)[ \t]*)+[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9+/]{20,}={0,2}")
URL = compile_bytes(r"[A-Za-z0-9_-]{20,}={0,2}")


def expected(text: bytes) -> Iterator[tuple[bytes, int, int]]:
    for pattern in (PLAIN, URL):
        for match in pattern.finditer(text):
            run = match.group()
            decoded = decode_base64(run)
            if is_text(decoded) and (pattern is PLAIN or b"-" in run or b"_" in run):
                yield decoded + b"\n", *match.span()
            elif pattern is PLAIN and run.startswith(b"+") and is_text(decoded := decode_base64(run[1:])):
                yield decoded + b"\n", match.start() + 1, match.end()
            elif pattern is PLAIN:
                yield from in_path(re.split(rb"[\r\n]", run)[0], match.start())


def in_path(run: bytes, first: int) -> Iterator[tuple[bytes, int, int]]:
    plain = run.rstrip(b"=")
    for at in [at + 1 for at, byte in enumerate(plain) if byte == ord("/")]:
        for end in (len(plain), plain.find(b"/", at)):
            if end - at >= 20 and is_text(decoded := decode_base64(plain[at:end])):
                padded = len(run) if end == len(plain) else end
                yield decoded + b"\n", first + at, first + padded
                return


@pytest.mark.parametrize(
    "encoded",
    [
        base64.b64encode(TEXT).decode(),
        base64.b64encode(TEXT).decode().rstrip("="),
        "\n".join(textwrap.wrap(base64.b64encode(TEXT).decode(), 76)),
        "\r\n    ".join(textwrap.wrap(base64.b64encode(TEXT).decode(), 64)),
    ],
)
def test_base64_is_read_and_maps_to_the_whole_run(encoded: str) -> None:
    source = f"x: {encoded} .".encode()
    view = base64_decoded(source)
    assert view is not None
    assert TEXT in view.text
    assert view.back(3, 9) == (3, 3 + len(encoded))


def test_the_url_safe_alphabet_is_read() -> None:
    encoded = base64.urlsafe_b64encode(TEXT[:30] + b"\xff\xff" + TEXT)
    assert b"_" in encoded
    view = base64_decoded(b"x: " + encoded)
    assert view is not None
    at = view.text.index(TEXT)
    assert view.back(at, at + 9) == (3, 3 + len(encoded))


def test_what_holds_no_text_is_no_view() -> None:
    assert base64_decoded(base64.b64encode(bytes(range(128, 256)) * 3)) is None
    assert base64_decoded(base64.b64encode(bytes(range(128, 256)) * 300)) is None
    assert base64_decoded(b"internationalisation of some words") is None


def test_what_spells_text_has_a_capital_and_what_has_none_is_left_alone() -> None:
    rng = random.Random(6)
    for alphabet in (
        b"abcdefghijklmnopqrstuvwxyz0123456789",
        b"abcdef0123456789",
        b"etaoin shrdlu",
        bytes(range(32, 127)),
    ):
        for _ in range(20_000):
            encoded = base64.b64encode(bytes(rng.choices(alphabet, k=rng.randrange(15, 40))))
            assert encoded != encoded.lower()
    assert base64_decoded(b" ".join(rng.randbytes(20).hex().encode() for _ in range(1000))) is None


def test_runs_are_those_of_the_patterns() -> None:
    rng = random.Random(5)
    read = 0
    for _ in range(2000):
        source = b"".join(piece(rng) for _ in range(rng.randrange(1, 9)))
        runs = list(expected(source))
        view = base64_decoded(source)
        assert (view.text if view else b"") == b"".join(text for text, _, _ in runs), source
        assert [piece[1:3] for piece in (view.pieces if view else ())] == [(s, e) for _, s, e in runs]
        read += len(runs)
    assert read > 1000


def piece(rng: random.Random) -> bytes:
    text = bytes(rng.choices(b"abc def=:password123", k=rng.randrange(200)))
    if rng.random() < 0.3:
        encoded, width = base64.b64encode(text), rng.choice((39, 40, 41, 76))
        lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
        return rng.choice((b"\n", b"\r\n", b"\r", b"\n  ", b" \n")).join(lines)
    if rng.random() < 0.3:
        return base64.urlsafe_b64encode(rng.randbytes(rng.randrange(4)) + text[:60])
    if rng.random() < 0.5:
        return rng.choice((b"\n", b" ", b"\r\n", b"-", b"_", b"=", b"==", b"/", b"+", b"a"))
    return bytes(rng.choices(b"ABCab12+/-_=\n\r \t.", k=rng.randrange(90)))


@pytest.mark.parametrize("size", [60, 3000, 5000, 20_000])
def test_what_is_no_text_gives_no_view_however_long(size: int) -> None:
    encoded = base64.b64encode(random.Random(size).randbytes(size)).replace(b"+", b"A").replace(b"/", b"B")
    assert base64_decoded(b"x: " + encoded + b" .") is None


@pytest.mark.parametrize(
    "packed",
    [
        TEXT.decode().encode("utf-16le"),  # as PowerShell's -EncodedCommand wants it
        (TEXT * 200).decode().encode("utf-16le"),
        gzip.compress(TEXT),
        gzip.compress(b"".join(random.Random(1).choices([b"some ", b"words ", b"and "], k=20_000)) + TEXT)[:-8],
    ],
    ids=["utf-16", "long utf-16", "gzip", "long gzip, cut"],  # gzip keeps the time: names must not
)
def test_what_is_packed_or_in_utf16_is_read(packed: bytes) -> None:
    view = base64_decoded(b"x: " + base64.b64encode(packed))
    assert view is not None
    assert TEXT in view.text


def test_what_gzip_did_not_pack_is_no_view() -> None:
    assert base64_decoded(b"H4sI" + base64.b64encode(bytes(range(128, 256)))) is None
    assert base64_decoded(base64.b64encode(gzip.compress(bytes(range(128, 256)) * 3))) is None


def test_of_a_path_its_end_is_read() -> None:
    encoded = base64.b64encode(TEXT[:24])
    for path in (b"https://h.example/v1/", b"a/bc/", b"/"):
        view = base64_decoded(path + encoded)
        assert view is not None
        assert view.back(0, 3) == (len(path), len(path) + len(encoded))


@pytest.mark.parametrize("first", ["+", "-", "    12→", "  12\t", "src/app.env:12:", "12:", "  7→+", "> "])
@pytest.mark.parametrize("indent", ["", "    "])
def test_wrapped_base64_is_read_behind_what_tools_print_in_front_of_a_line(first: str, indent: str) -> None:
    lines = textwrap.wrap(base64.b64encode(TEXT).decode(), 64)
    source = "config\n" + "".join(f"{first}{indent}{line}\n" for line in lines) + f"{first}{indent}end"
    view = base64_decoded(source.encode())
    assert view is not None
    assert view.text == TEXT + b"\n"
    start, end = view.back(0, 9)
    assert source.encode()[start:end].endswith(lines[-1].rstrip("=").encode() + b"=" * lines[-1].count("="))


def test_a_sign_before_one_line_is_no_part_of_it() -> None:
    encoded = base64.b64encode(TEXT[:27])
    for source in (b"+" + encoded + b"\n", b"data:+" + encoded + b"+|"):
        view = base64_decoded(source)
        assert view is not None
        assert TEXT[:27] in view.text
