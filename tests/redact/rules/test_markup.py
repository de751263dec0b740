import pytest

from recorder.redact.rules import markup
from recorder.redact.rules.base import RuleSet

RULES = RuleSet("markup", markup.RULES)
PASSWORD = "Tr0ub4dor" + "!x9"
TOKEN = "9f3kQ7zLm2" + "Xw8RtY5b"
UUID = "7b15f7f8-52a8-849d-384e-20b4c0de82dd"

FLAGGED = [
    (f'<string name="maps_api_key" translatable="false">{TOKEN}</string>', TOKEN),
    (f'<property name="hibernate.connection.password">{PASSWORD}</property>', PASSWORD),
    (f"**Password:** `{PASSWORD}`", PASSWORD),
    (f"- **API key**: {TOKEN}", TOKEN),
    (f"| API key | `{TOKEN}` |", TOKEN),
    (f"| `DB_PASSWORD` | {PASSWORD} | production |", PASSWORD),
    (f"| client secret | {UUID} |", UUID),
    (f"_auth={TOKEN}", TOKEN),
    (f"//registry.example/npm/:_auth = {TOKEN}", TOKEN),
]
NEAR_MISSES = [
    '<string name="password_hint">At least 8 characters</string>',
    f'<string name="max_tokens">{TOKEN}</string>',
    "**Token:** required",
    "**API key**: `YOUR_API_KEY`",
    "| api_key | string | the key |",
    "| password | `$DB_PASSWORD` |",
    f"| token count | {TOKEN} |",
    f"| session token | {UUID} |",
    "_auth = load_auth(config)",
    f"my_auth={TOKEN}",
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_a_value_with_its_name_in_markup(payload, secret):
    assert [span.value.decode() for span in RULES.find(payload.encode())] == [secret]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_what_only_looks_like_one(payload):
    assert RULES.find(payload.encode()) == []
