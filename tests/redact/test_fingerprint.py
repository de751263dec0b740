import hmac
import re

import pytest

from recorder.redact import derive_key
from recorder.redact.fingerprint import PLACEHOLDER, Fingerprinter, guessable, placeholder
from tests.redact.samples import make


def test_a_fingerprint_is_128_bits_of_a_keyed_hash() -> None:
    value = make("github-pat").encode()
    assert Fingerprinter(b"key").fingerprint("github-pat", value) == hmac.digest(b"key", value, "sha256").hex()[:32]
    assert Fingerprinter(b"other").fingerprint("github-pat", value) != Fingerprinter(b"key").fingerprint("x", value)


def test_a_secret_is_linked_to_its_former_names_once() -> None:
    value = make("github-pat").encode()
    names = [Fingerprinter(key).fingerprint("github-pat", value) for key in (b"new", b"old", b"older")]
    printer = Fingerprinter(b"new", [b"old", b"older"])
    for _ in range(2):
        assert printer.fingerprint("github-pat", value) == names[0]
    assert printer.links == [(names[0], names[1]), (names[0], names[2])]
    printer.links.clear()
    printer.fingerprint("github-pat", value)
    printer.fingerprint("password", b"hunter2")
    assert printer.links == []


@pytest.mark.parametrize("value", [b"hunter2", b"Sommer2024!", b"aaaaaaaaaaaaaaaaaaaaaaaa", b"", b"correct horse"])
def test_what_could_be_guessed_gets_none(value: bytes) -> None:
    assert guessable("password", value)
    assert Fingerprinter(b"key").fingerprint("password", value) is None


def test_people_s_secrets_need_more_than_machines_ones() -> None:
    value = b"Xk2-Lm9-Qr4-Zt7-Bn1"
    assert guessable("password", value)
    assert not guessable("github-pat", value)


def test_placeholders_are_recognised_and_need_no_json_escape() -> None:
    for text in (placeholder("jwt", "0" * 32), placeholder("password", None)):
        assert PLACEHOLDER.fullmatch(text.encode())
        assert re.fullmatch(r"[\[\]A-Za-z0-9:-]+", text)


def test_keys_for_different_purposes_differ() -> None:
    assert derive_key(b"master", "a") != derive_key(b"master", "b")
    assert len(derive_key(b"master", "a")) == 32
