import pytest

from recorder.redact import Redactor
from recorder.redact.url import is_secret_parameter
from tests.redact.samples import make


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/messages?beta=true", "/v1/messages?beta=true"),
        ("/v1/x?key=hunter2abc&alt=sse", "/v1/x?key=[REDACTED:api-key]&alt=sse"),
        ("/v1/x?a=1&access%5Ftoken=abc", "/v1/x?a=1&access%5Ftoken=[REDACTED:api-key]"),
        ("/v1/x?%6Bey=hunter2abc", "/v1/x?%6Bey=[REDACTED:api-key]"),
        ("/cb#access_token=abc&state=1", "/cb#access_token=[REDACTED:api-key]&state=1"),
        ("/x?password=p%40ss", "/x?password=[REDACTED:password]"),
        ("/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke",) * 2,
        ("/v1/x?page_token=abc123&max_tokens=5", "/v1/x?page_token=abc123&max_tokens=5"),
    ],
)
def test_table(shared: Redactor, path: str, expected: str) -> None:
    assert shared.url(path) == expected


def test_secrets_in_the_path_itself(shared: Redactor) -> None:
    secret = make("telegram-bot-token")
    assert secret[4:20] not in shared.url(f"/bot{secret}/getMe")


def test_kinds() -> None:
    assert is_secret_parameter("X-Amz-Signature") == "aws-signature"
    assert is_secret_parameter("beta") is None
