import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import anthropic
import pytest
from botocore.parsers import create_parser
from botocore.session import get_session

from recorder.model import Protocol
from recorder.wire.refusal import Refusal, refuse, refuse_for_good


@pytest.mark.parametrize("protocol", [None, Protocol.MESSAGES, Protocol.VERTEX, Protocol.COMPLETE])
def test_anthropics_form(protocol: Protocol | None) -> None:
    refusal = refuse(protocol, 503, "api_error", "the record cannot be written")
    body = b'{"type":"error","error":{"type":"api_error","message":"the record cannot be written"}}'
    assert refusal == Refusal(503, (("content-type", "application/json"),), body)


@pytest.mark.parametrize("protocol", [Protocol.BEDROCK_INVOKE, Protocol.BEDROCK_CONVERSE])
@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "ValidationException"),
        (403, "AccessDeniedException"),
        (429, "ThrottlingException"),
        (500, "InternalServerException"),
        (503, "ServiceUnavailableException"),
        (599, "InternalServerException"),
    ],
)
def test_bedrocks_form(protocol: Protocol, status: int, name: str) -> None:
    refusal = refuse(protocol, status, "api_error", "no")
    headers = (("content-type", "application/json"), ("x-amzn-errortype", name))
    assert refusal == Refusal(status, headers, b'{"message":"no"}')


@pytest.mark.parametrize(
    ("protocol", "status", "sent"),
    [
        *((protocol, status, status) for protocol in (None, Protocol.MESSAGES) for status in (401, 402, 403)),
        *((protocol, 401, 401) for protocol in (Protocol.VERTEX, Protocol.BEDROCK_INVOKE)),
        *((protocol, 400, 409) for protocol in (None, *Protocol)),
        *((protocol, status, 409) for protocol in (Protocol.VERTEX, Protocol.BEDROCK_INVOKE) for status in (402, 403)),
    ],
)
def test_a_last_word_is_one_that_clients_take_for_it(protocol: Protocol | None, status: int, sent: int) -> None:
    plain, last = refuse(protocol, status, "any", "no"), refuse_for_good(protocol, status, "any", "no")
    assert last == Refusal(sent, (*plain.headers, ("x-should-retry", "false")), plain.body)


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Refusing) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


class Refusing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        refusal = refuse(Protocol.MESSAGES, 503, "api_error", 'a "quoted" reason, ü')
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(refusal.status)
        for name, value in refusal.headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(refusal.body)))
        self.end_headers()
        self.wfile.write(refusal.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the base class's
        """Say nothing."""


def test_anthropics_sdk_shows_the_message(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    address = f"http://127.0.0.1:{server.server_port}"
    with (
        anthropic.Anthropic(api_key="none", max_retries=0, base_url=address) as client,
        pytest.raises(anthropic.APIStatusError) as caught,
    ):
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
    assert caught.value.status_code == 503
    assert caught.value.body == {"type": "error", "error": {"type": "api_error", "message": 'a "quoted" reason, ü'}}


def test_botocore_reads_type_and_message() -> None:
    refusal = refuse(Protocol.BEDROCK_CONVERSE, 429, "rate_limit_error", "slow down")
    service = get_session().get_service_model("bedrock-runtime")
    response = {"status_code": refusal.status, "headers": dict(refusal.headers), "body": refusal.body}
    parsed = create_parser("rest-json").parse(response, service.operation_model("Converse").output_shape)
    assert parsed["Error"] == {"Code": "ThrottlingException", "Message": "slow down"}


def test_a_message_that_is_no_unicode_does_not_fail() -> None:
    refusal = refuse(None, 500, "api_error", "cannot open '/tmp/\udcff'")
    assert json.loads(refusal.body)["error"]["message"] == "cannot open '/tmp/?'"
