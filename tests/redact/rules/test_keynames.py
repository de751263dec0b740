import pytest

from recorder.redact.rules.keynames import Sort, sort_of


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "DB_PASSWORD",
        "dbPassword",
        "PGPASSWORD",
        "passwd",
        "userpwd",
        "pass",
        "root-passphrase",
        "smtp_pass2",
        "DB_PASS_PROD",
    ],
)
def test_passwords(name: str) -> None:
    assert sort_of(name) is Sort.PASSWORD


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "API_KEY",
        "clientSecret",
        "x-api-key",
        "authToken",
        "secretAccessKey",
        "github_pat",
        "access_tokens",
        "authtoken",
    ],
)
def test_tokens(name: str) -> None:
    assert sort_of(name) is Sort.TOKEN


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "tokens",
        "inputTokens",
        "token_type",
        "password_field",
        "secret_name",
        "keyboard",
        "key",
        "public_key",
        "tokenizer",
        "passenger",
        "passValue",
        "pass_fds",
        "SAML_TOKEN_TYPE_V1",
        "TOKEN_PROFILE_V1_1",
        "compass",
        "next_page_token",
        "",
    ],
)
def test_names_that_only_speak_of_secrets(name: str) -> None:
    assert sort_of(name) is Sort.NONE
