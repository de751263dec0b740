"""Checkpoints: the form of C2SP's, byte for byte, and nothing else."""

import base64

import pytest

from recorder.ledger.checkpoint import Checkpoint, claimed_checkpoint, open_checkpoint, origin_of, parse_checkpoint
from recorder.ledger.note import SigningKey, UnknownKeyError

# c2sp.org/tlog-checkpoint, its example; the key is not published.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def test_the_example_of_the_specification() -> None:
    found = claimed_checkpoint(EXAMPLE)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root == base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert EXAMPLE.startswith(found.text() + "\n\u2014 ")


def test_signed_and_opened() -> None:
    key = SigningKey(bytes(range(32)))
    checkpoint = Checkpoint(origin_of(b"\xab" * 32), 7, b"\x01" * 32)
    note = checkpoint.signed(key)
    assert note.startswith("llm-audit-recorder/abababababababab\n7\nAQEBAQEB")
    assert open_checkpoint(note, [key.verifier(checkpoint.origin)]) == checkpoint
    with pytest.raises(UnknownKeyError):
        open_checkpoint(note, [SigningKey(bytes(32)).verifier(checkpoint.origin)])
    with pytest.raises(UnknownKeyError):
        open_checkpoint(note, [key.verifier("another log")])


def test_lines_after_the_third_are_passed_over() -> None:
    root = base64.b64encode(bytes(32)).decode()
    assert parse_checkpoint(f"o\n0\n{root}\nmore\n") == Checkpoint("o", 0, bytes(32))


@pytest.mark.parametrize("size", ["", "07", "-1", "+1", "1.0", " 1", "\u0661", "x"])
def test_sizes_that_are_none(size: str) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        parse_checkpoint(f"o\n{size}\n{base64.b64encode(bytes(32)).decode()}\n")


@pytest.mark.parametrize("root", ["", "AA==", "!" * 44, base64.b64encode(bytes(33)).decode()])
def test_roots_that_are_none(root: str) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        parse_checkpoint(f"o\n1\n{root}\n")


def test_a_text_that_is_cut() -> None:
    with pytest.raises(ValueError, match="three lines"):
        parse_checkpoint("o\n1\n")
