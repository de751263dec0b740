import base64
import hashlib
import json
import random

import pytest

from recorder.redact import Redactor, map_offset
from tests.redact.samples import make
from tests.support.redactors import fresh

PIXELS = b"\x89PNG\r\n\x1a\n" + random.Random(4).randbytes(300)
DATA = base64.b64encode(PIXELS).decode()
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}
DOCUMENT = {"type": "document", "source": {"data": DATA, "type": "base64", "media_type": "application/pdf"}}
BEDROCK = {"image": {"format": "png", "source": {"bytes": DATA}}}


@pytest.fixture(scope="module")
def hashing() -> Redactor:
    return fresh(images="hash")


@pytest.mark.parametrize("block", [IMAGE, DOCUMENT, BEDROCK])
def test_an_image_becomes_its_hash_and_size(hashing: Redactor, shared: Redactor, block: dict[str, object]) -> None:
    raw = json.dumps({"content": [block, {"type": "text", "text": "after"}]}).encode()
    redacted = hashing.json(raw)
    mark = f"[IMAGE sha256:{hashlib.sha256(PIXELS).hexdigest()} bytes:{len(PIXELS)}]"
    assert redacted.value == raw.replace(DATA.encode(), mark.encode())
    assert redacted.findings == ()
    assert redacted.value[map_offset(redacted.edits, raw.index(b"after")) :].startswith(b"after")
    assert hashing.rescan(redacted.value) == ()
    assert shared.json(raw).value == raw


def test_thinking_is_no_image(hashing: Redactor) -> None:
    raw = json.dumps({"content": [{"type": "redacted_thinking", "data": DATA}, {"signature": DATA}]}).encode()
    assert hashing.json(raw).value == raw


def test_text_behind_a_picture_takes_the_picture_along(shared: Redactor) -> None:
    secret = make("anthropic-api-key")
    data = base64.b64encode(PIXELS * 20 + f"\0{secret}\0".encode() + PIXELS).decode()
    raw = json.dumps({**IMAGE, "source": {**IMAGE["source"], "data": data}}).encode()  # type: ignore[dict-item]
    redacted = shared.json(raw)
    assert [finding.kind for finding in redacted.findings] == ["anthropic-api-key"]
    assert data[-200:].encode() not in redacted.value
    assert json.loads(redacted.value)["source"]["data"].startswith("[REDACTED:anthropic-api-key:")
