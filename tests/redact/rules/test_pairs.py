import pytest

from recorder.redact import Redactor
from recorder.redact.rules import pairs
from recorder.redact.rules.base import RuleSet

RULES = RuleSet("pairs", pairs.RULES)
PASSWORD = "Tr0ub4dor" + "!x9"
TOKEN = "9f3kQ7zLm2" + "Xw8RtY5b"
UUID = "7b15f7f8-52a8-849d-384e-20b4c0de82dd"

FLAGGED = [
    (f'variable "db_password" {{\n  type      = string\n  sensitive = true\n  default   = "{PASSWORD}"\n}}', PASSWORD),
    (f"- name: DB_PASSWORD\n  value: {PASSWORD}", PASSWORD),
    (f"- name: DB_PASSWORD\n   13→  value: {PASSWORD}", PASSWORD),
    (f'variable "db_password" {{\n  default = "{PASSWORD}"\n}}', PASSWORD),
    (f'{{"value": "{PASSWORD}", "name": "DB_PASSWORD"}}', PASSWORD),
    (f'{{\n  "Value": "{TOKEN}",\n  "Key": "deploy/API_TOKEN"\n}}', TOKEN),
    (f"- value: {PASSWORD}\n  name: DB_PASSWORD", PASSWORD),
    (f"- value: '{PASSWORD}'\n   13→  key: DB_PASSWORD", PASSWORD),
    (f'<add value="{TOKEN}" key="ApiToken" />', TOKEN),
    (f"<entry>\n  <key>db.password</key>\n  <value>{PASSWORD}</value>\n</entry>", PASSWORD),
    (f"<key>DB_PASSWORD</key>\n<string>{PASSWORD}</string>", PASSWORD),
    (f"<value>{TOKEN}</value>\n<name>apiToken</name>", TOKEN),
    (f'{{"value": "{UUID}", "name": "API_TOKEN"}}', UUID),
]
NEAR_MISSES = [
    f'variable "db_password" {{\n  type = string\n}}\nvariable "name" {{\n  default = "{PASSWORD}"\n}}',
    '{"value": "kube-system", "name": "TOKEN_NAMESPACE"}',
    f'{{"value": "{TOKEN}", "name": "max_tokens"}}',
    f'{{"value": "{TOKEN}", "name": "CHECKSUM"}}',
    '{"value": "${DB_PASSWORD}", "name": "DB_PASSWORD"}',
    "<key>passwordField</key>\n<value>user_password1</value>",
    "<value>8</value><key>password</key>",
    f'{{"value": "{UUID}", "name": "SESSION_TOKEN"}}',
    "value = load(name=password_of(user))",
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_flags_the_value(payload: str, secret: str) -> None:
    assert secret.encode() in [span.value for span in RULES.find(payload.encode())]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []


def test_members_of_json_keep_their_structure(shared: Redactor) -> None:
    stored = shared.json(f'[{{"value":"{PASSWORD}","name":"DB_PASSWORD"}}]'.encode()).value
    assert stored == b'[{"value":"[REDACTED:password]","name":"DB_PASSWORD"}]'
