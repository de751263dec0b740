import base64

import pytest

from recorder.model import Credential
from recorder.redact import find_credentials

KEY = "9f3kQ7zLm2" + "Xw8RtY5b"
BASIC = base64.b64encode(b"ada:Tr0ub4dor3").decode()
SIGV4 = (
    f"AWS4-HMAC-SHA256 Credential=AKIA{'Q7' * 8}/20251101/us-east-1/bedrock/aws4_request, "
    f"SignedHeaders=host, Signature={'4b' * 32}"
)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("Authorization", f"Bearer {KEY}", [("bearer-token", KEY)]),
        ("authorization", KEY, [("authorization", KEY)]),
        ("Authorization", f"Basic {BASIC}", [("basic-auth", BASIC), ("password", "Tr0ub4dor3")]),
        ("Authorization", SIGV4, [("aws-access-key-id", "AKIA" + "Q7" * 8), ("aws-signature", "4b" * 32)]),
        ("X-Api-Key", KEY, [("api-key", KEY)]),
        ("api-key", KEY, [("api-key", KEY)]),
        ("x-goog-api-key", KEY, [("google-api-key", KEY)]),
        ("X-Amz-Security-Token", KEY, [("aws-session-token", KEY)]),
        ("Cookie", f"sid={KEY}; theme=dark; t={KEY}2", [("cookie", KEY), ("cookie", KEY + "2")]),
        ("Set-Cookie", f"sid={KEY}; Path=/averylongpath12345", [("cookie", KEY)]),
        ("Helicone-Auth", f"Bearer {KEY}", [("bearer-token", KEY)]),
        ("X-My-Gateway-Token", KEY, [("api-key", KEY)]),
    ],
)
def test_headers(name: str, value: str, expected: list[tuple[str, str]]) -> None:
    assert find_credentials(((name, value),), "/v1/messages") == tuple(Credential(*pair) for pair in expected)


@pytest.mark.parametrize(
    "value", ["", "dummy", "not-needed", "Bearer dummy-key-123", "your-key-123", "anything", "secret", "short1"]
)
def test_values_that_could_be_words_are_not_learned(value: str) -> None:
    assert find_credentials((("Authorization", value), ("x-api-key", value)), "/") == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("anthropic-ratelimit-tokens-remaining", "79000-of-80000"),
        ("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
        ("x-claude-code-session-id", "550e8400-e29b-41d4-a716-446655440000"),
        ("user-agent", "claude-cli/2.1.330 (external, cli)"),
        ("X-Session-Token", "550e8400-e29b-41d4-a716-446655440000"),
    ],
)
def test_other_headers_carry_none(name: str, value: str) -> None:
    assert find_credentials(((name, value),), "/") == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"key={KEY}", [("api-key", KEY)]),
        (f"beta=true&access_token={KEY}", [("api-key", KEY)]),
        (f"X-Amz-Signature={'4b' * 32}", [("aws-signature", "4b" * 32)]),
        ("X-Amz-Security-Token=IQoJ%2Fabc%2B12345678", [("aws-session-token", "IQoJ/abc+12345678")]),
        ("beta=true&limit=1000", []),
    ],
)
def test_queries(query: str, expected: list[tuple[str, str]]) -> None:
    assert find_credentials((), f"/v1/messages?{query}") == tuple(Credential(*pair) for pair in expected)
