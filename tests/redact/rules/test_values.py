import pytest

from recorder.redact.rules.keynames import Sort
from recorder.redact.rules.values import is_secret


@pytest.mark.parametrize(
    ("value", "sort", "quoted", "constant", "expected"),
    [
        (b"hunter2", Sort.PASSWORD, True, False, True),
        (b"hunter2", Sort.PASSWORD, False, False, True),
        (b"hunter", Sort.PASSWORD, True, False, True),
        (b"hunter", Sort.PASSWORD, False, False, False),
        (b"varchar", Sort.PASSWORD, True, False, False),
        (b"Senha", Sort.PASSWORD, True, False, False),
        (b")d!~ORI8ed7293eg@w8&()", Sort.PASSWORD, True, False, True),
        (b"^[a-z]{8,}$", Sort.PASSWORD, True, False, False),
        (b"8snwfdlh", Sort.TOKEN, False, False, True),
        (b"Azerty123", Sort.TOKEN, True, False, True),
        (b"enabled1", Sort.TOKEN, False, False, False),
        (b"postgres", Sort.PASSWORD, False, True, True),
        (b"postgres", Sort.PASSWORD, False, False, False),
        (b"correct horse battery 9", Sort.PASSWORD, True, False, True),
        (b"Please enter your new password", Sort.PASSWORD, True, False, False),
        (b"9f3kQ7zLm2Xw", Sort.TOKEN, True, False, True),
        (b"getTokenFor", Sort.TOKEN, False, False, False),
        (b"9f3k", Sort.TOKEN, True, False, False),
        (b"config.token", Sort.TOKEN, False, False, False),
        (b"$TOKEN", Sort.TOKEN, False, True, False),
        (b"9f3kQ7zLm2Xw", Sort.NONE, True, False, False),
    ],
)
def test_table(value: bytes, sort: Sort, quoted: bool, constant: bool, expected: bool) -> None:
    assert is_secret(value, sort, quoted=quoted, constant=constant) is expected
