"""What sentences of many languages, notices, tables and wrapped literals give away; and what they only seem to."""

import pytest

from recorder.redact.rules import cells, said, talk
from recorder.redact.rules.base import RuleSet

RULES = (RuleSet("talk", (*talk.RULES, *said.RULES)), RuleSet("cells", cells.RULES))
MADE = "Tr0ub4dor" + "!x9"
WORDY = "nettle" + "4815"
RANDOM = "q7Zk2" + "Xw9Lp4Rt8Vb3Nc6"
HEX = "9f3c" * 3 + "07b1e2d46a58" * 2

FLAGGED = [
    f"密码是 {MADE}",
    f"密码: {WORDY}",
    f"パスワードは {MADE} です",
    f"비밀번호는 {HEX} 입니다",
    f"пароль от базы {MADE}",
    f"Пароль: {WORDY}",
    f"şifre: {WORDY}",
    f"jelszó: {MADE}",
    f"סיסמה: {WORDY}",
    f"รหัสผ่านคือ {MADE}",
    f"lösenordet är {WORDY}",
    f"hasło: {WORDY}",
    f"passordet: {WORDY}",
    f"the password → {WORDY}",
    f"login with password `{WORDY}`",
    f"ada / {WORDY}".join(["login: ", ""]),
    f"A temporary password is generated for root@localhost: {MADE}",
    f"Initial password of the console on node 1: {WORDY}",
    f"The authToken is `{RANDOM}`.",
    f'clientSecret is "{RANDOM}"',
    f"id,name,value\n1,refresh_token,{RANDOM}\n",
    f"DB_PASSWORD    REG_SZ    {WORDY}",
    f"2\tsmtp_password\t{MADE}\n",
    f"   12→api_token\t{RANDOM}",
    f'let api_key = String::from("{RANDOM}");',
    f'password: SecretStr("{WORDY}")',
    f'const token = Buffer.from("{RANDOM}")',
]

NEAR_MISSES = [
    "密码是必填项",
    "パスワードは必須です",
    "비밀번호는 8자 이상이어야 합니다",
    "пароль обязателен для user@example.org",
    "The password is generated for you: see below",
    "pass SHA256sums to the script",
    "password hmacSHA256 with base64url",
    "The authToken is refreshed hourly",
    "id,token,count\n1,Identifier,42\n",
    "TOKEN_ALL_ACCESS | win32con.TOKEN_ADJUST_PRIVILEGES\n",
    'xsrfHeaderName:"X-XSRF-TOKEN",maxContentLength:-1,',
    "char  *password    buffer;",
    'token = String::from("Bearer")',
    'password = getpass("Enter password: ")',
]


@pytest.mark.parametrize("payload", FLAGGED)
def test_finds(payload: str) -> None:
    found = {span.value.decode() for rules in RULES for span in rules.find(payload.encode())}
    assert found & {MADE, WORDY, RANDOM, HEX, MADE.rstrip("!")}, payload


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert [span.value for rules in RULES for span in rules.find(payload.encode())] == []
