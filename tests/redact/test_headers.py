import pytest

from recorder.redact import Redactor
from tests.redact.samples import make

KEY = make("anthropic-api-key")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "application/json"),
        ("anthropic-beta", "oauth-2025-04-20,fine-grained-tool-streaming-2025-05-14"),
        ("anthropic-ratelimit-unified-reset", "1760000000"),
        ("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy"),
        ("X-Claude-Code-Session-Id", "550e8400-e29b-41d4-a716-446655440000"),
        ("x-amzn-bedrock-input-token-count", "12"),
        ("x-litellm-response-cost", "0.00123"),
        ("X-Stainless-Retry-Count", "0"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ],
)
def test_allowed_headers_stay(shared: Redactor, name: str, value: str) -> None:
    assert shared.headers(((name, value),)) == ((name, value),)


def test_unknown_headers_keep_their_name_only(shared: Redactor) -> None:
    assert shared.headers((("X-Whatever", "value"),)) == (("X-Whatever", "[REDACTED:header]"),)


def test_credentials_have_the_same_placeholder_as_in_the_body(shared: Redactor) -> None:
    (_, in_body) = "x", shared.text(KEY).value
    headers = shared.headers((("x-api-key", KEY), ("Authorization", f"Bearer {KEY}"), ("X-Odd-Token", KEY)))
    assert [value for _, value in headers] == [in_body] * 3
    assert in_body.startswith("[REDACTED:anthropic-api-key:")


def test_what_is_sensitive_is_not_allowed_by_a_prefix(shared: Redactor) -> None:
    headers = shared.headers((("x-claude-code-managed-settings-checksum", "4b2a9f3c7d1e5b8a"),))
    assert headers[0][1].startswith("[REDACTED:settings-checksum:")


def test_a_credential_without_a_form_is_called_what_its_header_is(shared: Redactor) -> None:
    headers = shared.headers((("api-key", "dummy"), ("cookie", "a=b"), ("authorization", "Basic dTpw")))
    assert [value for _, value in headers] == ["[REDACTED:api-key]", "[REDACTED:cookie]", "[REDACTED:basic-auth]"]


def test_allowed_values_are_scanned(shared: Redactor) -> None:
    ((_, value),) = shared.headers((("user-agent", f"tool/1 ({KEY})"),))
    assert KEY[8:16] not in value
    assert value.startswith("tool/1 ([REDACTED:anthropic-api-key:")


def test_a_secret_in_a_name_goes(shared: Redactor) -> None:
    names = [name for name, _ in shared.headers((("X-Plain", "a"), (KEY, "b"), ("Authorization", "Bearer x")))]
    assert names[0] == "X-Plain"
    assert names[1].startswith("[REDACTED:anthropic-api-key:")
    assert names[2] == "Authorization"
