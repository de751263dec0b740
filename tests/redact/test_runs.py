import base64

import pytest

from recorder.redact.runs import decode_base64, dump_decoded, glued, hex_decoded, is_foreign, is_text

TEXT = b"password=hunter2 and some more text, so that it takes more than one line of base64"


def test_hex_and_dumps_are_read() -> None:
    view = hex_decoded(b"x " + TEXT.hex().encode())
    assert view is not None
    assert TEXT in view.text
    lines = [TEXT[at : at + 16] for at in range(0, len(TEXT), 16)]
    dump = "\n".join(f"{16 * n:08x}: {line.hex(' ', 2)}  {line.decode()}" for n, line in enumerate(lines)).encode()
    view = dump_decoded(b"$ xxd file\n" + dump)
    assert view is not None
    assert view.text == TEXT


def test_what_holds_no_text_is_no_view() -> None:
    noise = bytes(range(128, 256)) * 3
    assert hex_decoded(noise.hex().encode()) is None


@pytest.mark.parametrize("cut", range(8))
def test_a_cut_run_is_decoded_as_far_as_it_goes(cut: int) -> None:
    encoded = base64.b64encode(TEXT)
    assert TEXT.startswith(decode_base64(encoded[: len(encoded) - cut]))


def test_text_is_told_by_its_share() -> None:
    assert is_text(b"abcdefgh\xff")
    assert not is_text(b"abcdefgh\xff", share=1.0)
    assert not is_text(b"short")


@pytest.mark.parametrize("cut", range(4))
def test_text_of_other_letters_is_told_where_ever_it_is_cut(cut: int) -> None:
    text = "пароль: ключ 42".encode()
    assert is_foreign(text[: len(text) - cut])
    view = hex_decoded(text.hex().encode())
    assert view is not None
    assert text in view.text


@pytest.mark.parametrize("data", ["ключ".encode(), "пароль\x00ключ".encode(), "пароль".encode() + b"\xff" * 6])
def test_short_and_binary_data_are_no_text_of_other_letters(data: bytes) -> None:
    assert not is_foreign(data)


@pytest.mark.parametrize("width", [1, 2])
def test_dumps_without_a_column_of_text_are_read(width: int) -> None:
    rows = [TEXT[at : at + 16].ljust(16, b"\0") for at in range(0, len(TEXT), 16)]
    dump = ""
    for number, row in enumerate(rows):
        words = [row[at : at + width][::-1] for at in range(0, 16, width)]  # words of two bytes stand swapped
        dump += f"{16 * number:07o} {' '.join(word.hex() for word in words)}\n"
    view = dump_decoded(dump.encode())
    assert view is not None
    assert view.text.rstrip(b"\0") == TEXT


@pytest.mark.parametrize("margin", ["{n:6}\u2192", "{n}:", "+", "> ", "  "])
def test_dumps_are_read_behind_what_tools_print_in_front_of_a_line(margin: str) -> None:
    lines = [TEXT[at : at + 16] for at in range(0, len(TEXT), 16)]
    dump = "\n".join(f"{margin.format(n=n)}{16 * n:08x}: {line.hex(' ', 2)}  x" for n, line in enumerate(lines))
    view = dump_decoded(dump.encode())
    assert view is not None
    assert view.text == TEXT


def test_glued_names_are_read_part_by_part() -> None:
    source = b"call mcp__tickets__a1b2c3d4e5f6g7h8 now"
    view = glued(source)
    assert view is not None
    assert view.text == b"mcp\ntickets\na1b2c3d4e5f6g7h8\n"
    at = view.text.index(b"a1b2")
    assert view.back(at, at + 16) == (source.index(b"a1b2"), source.index(b" now"))
    assert glued(b"def __init__(self): snake_case_name") is None


@pytest.mark.parametrize("column", ["  |{}|", "  {}", ""])
def test_the_last_line_of_a_dump_ends_where_its_string_does(column: str) -> None:
    rows = [TEXT[at : at + 16] for at in range(0, len(TEXT), 16)]
    lines = [
        f"{16 * n:08x} {row.hex(' ', 2 if column else 1)}{column.format(row.decode())}" for n, row in enumerate(rows)
    ]
    source = ('{"content": "' + "\n".join(lines) + '"}, {"other": "words"}').encode()
    view = dump_decoded(source)
    assert view is not None
    assert view.text == TEXT
    assert view.back(0, len(TEXT))[1] == source.index(b'"}')
