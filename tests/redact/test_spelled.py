import json

import pytest

from recorder.redact.regex import compile_bytes
from recorder.redact.spelled import SPELLED, spelled_out

TEXT = b"password=hunter2 and more"
LINES = [TEXT[at : at + 8] for at in range(0, len(TEXT), 8)]


@pytest.mark.parametrize(
    "spelled",
    [
        TEXT.hex(" "),
        TEXT.hex(":"),
        TEXT.hex("-").upper(),
        ", ".join(f"0x{byte:02x}" for byte in TEXT),
        ",".join(map(str, TEXT)),
        ", ".join(map(str, TEXT)),
        ",\n        ".join(map(str, TEXT)),
        ":\n    ".join(line.hex(":") for line in LINES),
        "\n ".join(line.hex(" ") for line in LINES),
    ],
)
def test_bytes_that_are_spelled_are_read_and_map_to_all_of_them(spelled):
    source = f"[{spelled}]".encode()
    view = spelled_out(source)
    assert view.text == TEXT + b"\n"
    assert view.back(9, 12) == (1, 1 + len(spelled))
    assert compile_bytes(SPELLED).search(source), "the prefilter must not pass it over"


@pytest.mark.parametrize(
    "text",
    [
        "10 20 30 40 50",
        " ".join(f"{byte:02x}" for byte in range(128, 200)),
        "12:30:45, 12:31:02, 12:33:09, 13:01:55, 14:22:08",
        ", ".join(map(str, range(200, 255))),
        "no numbers at all",
    ],
)
def test_numbers_that_spell_nothing_are_no_view(text):
    assert spelled_out(text.encode()) is None


def test_a_secret_in_what_node_prints_of_a_buffer_is_removed(shared):
    secret = "glpat-" + "Ab3dE6gH9jKl2nP5qR7s"
    spelled = json.dumps({"type": "Buffer", "data": list(f"token {secret}".encode())})
    stored = shared.json(json.dumps({"content": spelled}).encode()).value
    assert b"103, 108, 112" not in stored
    assert b"[REDACTED:gitlab" in stored
