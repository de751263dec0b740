import subprocess
import sys
import threading
from base64 import b64encode

import pytest

from recorder.redact import engine as engine_module
from recorder.redact.engine import EngineDetector, kind_of_rule, load_ahead
from tests.redact.samples import make
from tests.redaction.dice import Dice
from tests.support.redactors import RULES

ISOLATED = """
import socket, sys
from recorder.redact import Redactor

def refuse(*args, **kwargs):
    raise AssertionError("a socket was opened")

sys.addaudithook(lambda event, args: refuse() if event.startswith("socket.") else None)
redactor = Redactor(b"k" * 32, engine_cache_dir=sys.argv[1])
secret = "gh" + "p_" + "Q7zLm2Xw8RtY5bQ7zLm2Xw8RtY5bQ7zLm2Xw"
assert redactor.text(secret).findings
loaded = [name for name in sys.modules if name.startswith("kingfisher_sdk")]
assert loaded
assert not {"kingfisher_sdk.validation", "kingfisher_sdk.revocation"} & set(loaded), loaded
native = sys.modules["kingfisher_sdk._native"]
assert not hasattr(native, "Validator")
assert not hasattr(native, "Revoker")
print("ok")
"""


def test_scanning_loads_no_validator_and_opens_no_socket() -> None:
    # Audit events see Python's sockets; the connections of a native library would need its validator, which is gone.
    result = subprocess.run([sys.executable, "-c", ISOLATED, RULES], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "ok\n"


@pytest.fixture(scope="module")
def engine() -> EngineDetector:
    return EngineDetector(RULES)


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"\x00\x00",
        "é→".encode(),
        b"# gitleaks:allow\n",
    ],
)
def test_offsets_are_bytes_whatever_stands_in_front(engine: EngineDetector, before: bytes) -> None:
    secret = make("github-pat").encode()
    text = before + b" token " + secret + b" # kingfisher:ignore gitleaks:allow"
    assert secret in [text[span.start : span.end] for span in engine.find(text)]


BRAVE = "BS" + "AEKAIYEQYADQFBxAMhBiAEIAIgA0HW"


@pytest.mark.parametrize(("size", "found"), [(60, True), (4000, False)])
def test_a_short_beginning_in_long_base64_is_none(engine: EngineDetector, *, size: int, found: bool) -> None:
    around = b64encode(Dice("engine").randbytes(size)).rstrip(b"=")
    assert bool(engine.find(around + b"/" + BRAVE.encode() + b"/" + around)) is found
    assert engine.find(b"brave key: " + BRAVE.encode() + b" " + around)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("betterleaks.github-pat", "github-pat"),
        ("veles.secrets/npmjsaccesstoken", "npmjsaccesstoken"),
        ("betterleaks.resend-api-key.1", "resend-api-key"),
        ("betterleaks.adobe-client-id", None),
        ("betterleaks.azure-tenant-id", None),
        ("betterleaks.auth0-domain.1", None),
        ("betterleaks.adobe-client-secret", "adobe-client-secret"),
        ("betterleaks.alibaba-access-key-id", "alibaba-access-key-id"),
        ("betterleaks.slack-webhook-url", "slack-webhook-url"),
        ("betterleaks.generic-credential-uri", None),
    ],
)
def test_rules_that_find_no_secret_are_left_out(rule: str, kind: str | None) -> None:
    assert kind_of_rule(rule) == kind


def test_what_was_begun_ahead_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    gate = threading.Event()

    def slowly(cache_dir: str | None) -> str:
        assert gate.wait(30)
        if not built:
            built.append(cache_dir)
        return f"scanner {len(built)}"

    monkeypatch.setattr(engine_module, "_built", slowly)
    thread = load_ahead("somewhere")
    threading.Timer(0.01, gate.set).start()
    assert engine_module._scanner("somewhere") == "scanner 1"
    thread.join()
    assert built == ["somewhere"]


def test_what_fails_ahead_is_told_by_the_detector(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(_: str | None) -> None:
        raise ModuleNotFoundError("no engine")

    monkeypatch.setattr(engine_module, "_built", broken)
    load_ahead(None).join()
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ModuleNotFoundError, match="no engine"):
        EngineDetector(None)
