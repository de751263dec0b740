from typing import Any

import pytest

from recorder.wire.failure import error_in, http_error, is_error
from recorder.wire.journal import ErrorInfo


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}, "overloaded_error", "Busy"),
        ({"error": {"message": "litellm: no", "type": "None", "param": "None", "code": "401"}}, "401", "litellm: no"),
        ({"error": {"code": 429, "message": "Slow", "status": "RESOURCE_EXHAUSTED"}}, "RESOURCE_EXHAUSTED", "Slow"),
        ([{"error": {"code": 429, "message": "Slow", "status": "RESOURCE_EXHAUSTED"}}], "RESOURCE_EXHAUSTED", "Slow"),
        ({"error": "not found"}, "http_500", "not found"),
        ({"detail": "Not Found"}, "http_500", "Not Found"),
        ({"detail": {"error": "bad"}}, "http_500", "bad"),
        ({"message": "Too many requests"}, "http_500", "Too many requests"),
        ({"Message": "Denied"}, "http_500", "Denied"),
        ({"__type": "com.amazon.coral#ThrottlingException", "message": "x"}, "ThrottlingException", "x"),
        ("<html>bad gateway</html>", "http_500", "<html>bad gateway</html>"),
        (None, "http_500", ""),
        ([], "http_500", ""),
        ({"error": None}, "http_500", ""),
    ],
)
def test_every_form_of_error_is_read(body: Any, kind: str, message: str) -> None:
    assert http_error(500, (), body) == ErrorInfo(kind, message)


def test_the_type_header_of_aws_stands_in() -> None:
    headers = (("X-Amzn-ErrorType", "ValidationException:http://internal.amazon.com/coral/"),)
    assert http_error(400, headers, {"message": "bad"}) == ErrorInfo("ValidationException", "bad")


def test_a_page_is_not_a_message() -> None:
    assert len(error_in("x" * 100_000, "http_502").message) == 8192


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "error"}, True),
        ({"error": {"message": "x"}}, True),
        ({"type": "message", "error": {}}, False),
        ({"error": None}, False),
        ([], False),
        (None, False),
    ],
)
def test_an_error_is_known_by_its_form(value: Any, expected: bool) -> None:
    assert is_error(value) is expected
