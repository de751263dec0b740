import secrets
from unittest.mock import patch

import pytest

from recorder.capture.lessons import Lessons
from recorder.capture.messages import Open, Target
from recorder.redact import Redactor
from recorder.redact.known import LATEST_PASSING
from tests.support.redactors import fresh


@pytest.fixture
def redactor() -> Redactor:
    return fresh()


def request(path: str = "/v1/messages", **headers: str) -> Open:
    target = Target(method="POST", scheme="https", host="api.anthropic.com", port=443, path=path)
    return Open(id="a", at_us=1, target=target, headers=tuple(headers.items()), wire_bytes=0)


def test_a_key_is_taught_once(redactor: Redactor) -> None:
    lessons, key = Lessons(redactor), "k3y" + secrets.token_hex(16)
    with patch.object(redactor, "learn", wraps=redactor.learn) as learn:
        (learned,) = lessons.teach(request(authorization=f"Bearer {key}"))
        assert learned.value == key
        assert lessons.teach(request(authorization=f"Bearer {key}")) == []
        assert learn.call_count == 1
        assert [one.value for one in lessons.teach(request(authorization=f"Bearer {key}2"))] == [f"{key}2"]


def test_what_the_redactor_forgets_is_taught_again(redactor: Redactor) -> None:
    lessons = Lessons(redactor)
    signatures = [secrets.token_hex(32) for _ in range(LATEST_PASSING + 1)]
    for signature in (*signatures, signatures[0]):
        assert [one.value for one in lessons.teach(request(f"/v1/messages?sig={signature}"))] == [signature]
