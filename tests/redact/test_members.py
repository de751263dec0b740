import json

import pytest

from recorder.redact import Redactor


@pytest.mark.parametrize(
    "value",
    ['quo"ted, p4ss', "back\\slash9x", "Tr0ub4dor!x9", "{curly: 1}pw", "line 1' or 2"],
)
@pytest.mark.parametrize("key", ["password", "dbPassword"])
def test_a_telling_key_s_value_goes_whole(shared: Redactor, key: str, value: str) -> None:
    for ascii_only in (True, False):
        raw = json.dumps({"user": "ada", key: value, "port": 5432}, ensure_ascii=ascii_only).encode()
        assert json.loads(shared.json(raw).value) == {"user": "ada", key: "[REDACTED:password]", "port": 5432}


def test_an_escaped_key_is_read(shared: Redactor) -> None:
    raw = b'{"pass\\u0077ord" : "Tr0ub4dor!x9"}'
    assert shared.json(raw).value == b'{"pass\\u0077ord" : "[REDACTED:password]"}'


def test_name_and_value_beside_each_other(shared: Redactor) -> None:
    raw = b'{"name": "DB_PASSWORD", "value": "Tr0ub4\\"dor!x9"}'
    assert shared.json(raw).value == b'{"name": "DB_PASSWORD", "value": "[REDACTED:password]"}'


@pytest.mark.parametrize(
    "member",
    [
        '"max_tokens": "1024a"',
        '"password": "string"',
        '"token_type": "Bearer1x!"',
        '"pin": 13',
        '"password_count": 4815',
        '"zip": 48151',
        '"pin": 4815.5',
    ],
)
def test_near_misses(shared: Redactor, member: str) -> None:
    raw = f"{{{member}}}".encode()
    assert shared.json(raw).value == raw


@pytest.mark.parametrize("key", ["password", "db_password", "pin", "userPin", "otp", "otp_code", "passcode"])
@pytest.mark.parametrize("value", [4815, "4815", 482913, "482913"])
def test_digits_go_under_a_name_that_means_nothing_else(shared: Redactor, key: str, value: int | str) -> None:
    raw = json.dumps({key: value, "port": 54321}).encode()
    assert json.loads(shared.json(raw).value) == {key: "[REDACTED:password]", "port": 54321}


def test_digits_in_a_text_that_quotes_json_are_no_number_of_it(shared: Redactor) -> None:
    raw = json.dumps({"text": 'GPIO: {"pin": 4815}'}).encode()
    assert json.loads(shared.json(raw).value) == {"text": 'GPIO: {"pin": 4815}'}


@pytest.mark.parametrize("value", ["Tr0ub4dor\nx9 line", "first1line\nsecond2line"])
def test_a_password_of_several_lines_goes_whole(shared: Redactor, value: str) -> None:
    assert json.loads(shared.json(json.dumps({"password": value}).encode()).value) == {
        "password": "[REDACTED:password]"
    }
