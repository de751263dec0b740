"""Errors of one provider as another would say them."""

import json

import pytest

from recorder.model import Family, Headers
from recorder.translate.failures import translate_failure
from recorder.wire.failure import http_error

FROM_BEDROCK = [
    (400, "ValidationException", "bad", 400, "invalid_request_error"),
    (400, "ServiceQuotaExceededException", "full", 400, "invalid_request_error"),
    (403, "AccessDeniedException", "no", 403, "permission_error"),
    (403, "ExpiredTokenException", "old", 401, "authentication_error"),
    (403, "UnrecognizedClientException", "who", 401, "authentication_error"),
    (404, "ResourceNotFoundException", "where", 404, "not_found_error"),
    (408, "ModelTimeoutException", "slow", 504, "timeout_error"),
    (424, "ModelErrorException", "odd", 500, "api_error"),
    (429, "ThrottlingException:http://internal.amazon.com/", "slow down", 429, "rate_limit_error"),
    (429, "ModelNotReadyException", "cold", 529, "overloaded_error"),
    (500, "InternalServerException", "oh", 500, "api_error"),
    (503, "ServiceUnavailableException", "busy", 529, "overloaded_error"),
    (418, "ExceptionOfTomorrow", "tea", 400, "invalid_request_error"),
    (502, "", "bad gateway", 500, "api_error"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "name", "message", "now", "kind"), FROM_BEDROCK)
def test_bedrocks_exceptions(status: int, name: str, message: str, now: int, kind: str) -> None:
    headers: Headers = (("x-amzn-ErrorType", name), ("x-amzn-RequestId", "r-1"))
    for client in (Family.MESSAGES, Family.VERTEX):
        found = translate_failure(client, status, headers if name else (), json.dumps({"message": message}).encode())
        assert found.status == now
        body = json.loads(found.body)
        assert (body["type"], body["error"]) == ("error", {"type": kind, "message": message})
        assert body.get("request_id") == ("r-1" if name else None)


GOOGLES = [
    (400, "INVALID_ARGUMENT", 400, "invalid_request_error"),
    (401, "UNAUTHENTICATED", 401, "authentication_error"),
    (403, "PERMISSION_DENIED", 403, "permission_error"),
    (404, "NOT_FOUND", 404, "not_found_error"),
    (429, "RESOURCE_EXHAUSTED", 429, "rate_limit_error"),
    (500, "INTERNAL", 500, "api_error"),
    (503, "UNAVAILABLE", 529, "overloaded_error"),
    (504, "DEADLINE_EXCEEDED", 504, "timeout_error"),
]  # fmt: skip


@pytest.mark.parametrize("form", ["{}", "[{}]"])
@pytest.mark.parametrize(("status", "google", "now", "kind"), GOOGLES)
def test_googles_envelope(form: str, status: int, google: str, now: int, kind: str) -> None:
    error = json.dumps({"error": {"code": status, "message": "Quota exceeded for it", "status": google}})
    found = translate_failure(Family.MESSAGES, status, (), form.replace("{}", error).encode())
    assert (found.status, json.loads(found.body)["error"]) == (now, {"type": kind, "message": "Quota exceeded for it"})


ANTHROPICS = [
    (400, "invalid_request_error", 400, "ValidationException"),
    (401, "authentication_error", 403, "UnrecognizedClientException"),
    (402, "billing_error", 403, "AccessDeniedException"),
    (403, "permission_error", 403, "AccessDeniedException"),
    (404, "not_found_error", 404, "ResourceNotFoundException"),
    (413, "request_too_large", 413, "ValidationException"),
    (429, "rate_limit_error", 429, "ThrottlingException"),
    (500, "api_error", 500, "InternalServerException"),
    (504, "timeout_error", 408, "ModelTimeoutException"),
    (529, "overloaded_error", 503, "ServiceUnavailableException"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "kind", "now", "name"), ANTHROPICS)
def test_anthropics_errors(status: int, kind: str, now: int, name: str) -> None:
    body = json.dumps({"type": "error", "error": {"type": kind, "message": "m", "more": 1}, "request_id": "q"}).encode()
    for client in (Family.MESSAGES, Family.VERTEX):  # who knows this form gets it as it is
        found = translate_failure(client, status, (), body)
        assert (found.status, found.body, found.headers) == (status, body, ())
    found = translate_failure(Family.BEDROCK, status, (), body)
    assert (found.status, json.loads(found.body), found.headers) == (
        now,
        {"message": "m"},
        (("x-amzn-errortype", name),),
    )
    # What a Bedrock client understands is what it would have been told by Bedrock.
    assert http_error(now, found.headers, json.loads(found.body)).type == name


def test_bedrocks_words_for_a_long_prompt_are_those_that_the_client_looks_for() -> None:
    said = json.dumps({"message": "Input is too long for requested model."}).encode()
    found = translate_failure(Family.MESSAGES, 400, (("x-amzn-errortype", "ValidationException"),), said)
    message = json.loads(found.body)["error"]["message"]
    assert message == "prompt is too long: Input is too long for requested model."
    known = b'{"message": "prompt is too long: 7 tokens > 5 maximum"}'
    assert b"prompt is too long: 7" in translate_failure(Family.MESSAGES, 400, (), known).body


@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", b"\xff", b"[]", b'"x"', b"{}", b'{"detail":"no"}'])
def test_a_gateways_page_is_an_error_as_well(body: bytes) -> None:
    for client in Family:
        found = translate_failure(client, 502, (), body)
        assert found.status in {500, 502}
        assert json.loads(found.body)
