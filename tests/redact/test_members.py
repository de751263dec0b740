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
    "member", ['"max_tokens": "1024a"', '"password": "string"', '"token_type": "Bearer1x!"', '"password": 12345678']
)
def test_near_misses(shared: Redactor, member: str) -> None:
    raw = f"{{{member}}}".encode()
    assert shared.json(raw).value == raw
