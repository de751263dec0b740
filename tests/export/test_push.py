"""Spans sent to a receiver that reads them with OpenTelemetry's own messages."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from recorder.errors import RecorderError
from recorder.export import push as pushing
from recorder.export.asked import Asked
from recorder.export.push import Push, url_of
from recorder.export.run import Export


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, headers, answer = self.server.script.pop(0) if self.server.script else (200, {}, b"{}")
        if status == 200:
            self.server.taken.append((self.path, dict(self.headers), parsed(body)))
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(answer))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def parsed(body):
    def read(value):
        if isinstance(value, dict):
            ids = ("traceId", "spanId", "parentSpanId")
            return {k: base64.b64encode(bytes.fromhex(v)).decode() if k in ids else read(v) for k, v in value.items()}
        return [read(one) for one in value] if isinstance(value, list) else value

    return json_format.ParseDict(read(json.loads(body)), ExportTraceServiceRequest())


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.script, server.taken = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def send(db, receiver, **given):
    push = Push(f"http://127.0.0.1:{receiver.server_port}", {"Authorization": "Basic abc"}, lambda _: None)
    export = Export(db, Asked(format="otlp", flow_class="model", **given), lambda *_: None)
    export.to_endpoint(push)
    return export, push


def span_ids(receiver):
    return [
        span.span_id
        for _, _, request in receiver.taken
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_a_receiver_takes_every_span_once(db, receiver, monkeypatch):
    monkeypatch.setattr(pushing, "_MOST_LINES", 5)
    export, push = send(db, receiver)
    assert (export.count, push.taken, export.complete) == (14, 14, True)
    assert [path for path, _, _ in receiver.taken] == ["/v1/traces"] * 3
    assert all(headers["Authorization"] == "Basic abc" for _, headers, _ in receiver.taken)
    ids = span_ids(receiver)
    assert len(ids) == len(set(ids)) == 14 + 4


def test_a_busy_receiver_is_tried_again_as_it_asks(db, receiver):
    receiver.script = [(503, {"Retry-After": "7"}, b""), (429, {}, b"")]
    waits = []
    push = Push(f"http://127.0.0.1:{receiver.server_port}", {}, waits.append)
    Export(db, Asked(format="otlp"), lambda *_: None).to_endpoint(push)
    assert waits == [7.0, 1.0]
    assert len(span_ids(receiver)) == 18


@pytest.mark.parametrize("status", [400, 401, 302])
def test_one_that_refuses_ends_it_and_says_how_to_go_on(db, receiver, monkeypatch, status):
    monkeypatch.setattr(pushing, "_MOST_LINES", 5)
    receiver.script = [(200, {}, b"{}"), (status, {"Location": "http://127.0.0.1:9/"}, b"no")]
    with pytest.raises(
        RecorderError, match=rf"answered {status} .*; 5 interactions were taken: go on with --after (\d+)"
    ) as error:
        send(db, receiver)
    assert "abc" not in str(error.value)
    after = int(str(error.value).rpartition(" ")[2])
    send(db, receiver, after=after)
    ids = span_ids(receiver)
    assert len(ids) == len(set(ids)) == 18


def test_one_that_is_not_there(db):
    push = Push("http://127.0.0.1:9", {}, lambda _: None)
    with pytest.raises(RecorderError, match="0 interactions were taken"):
        Export(db, Asked(format="otlp"), lambda *_: None).to_endpoint(push)


def test_spans_that_it_does_not_want_are_counted(db, receiver):
    receiver.script = [(200, {}, b'{"partialSuccess":{"rejectedSpans":"3","errorMessage":"old"}}')]
    _, push = send(db, receiver)
    assert push.rejected == 3


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://x.invalid/api/public/otel/", "https://x.invalid/api/public/otel/v1/traces"),
        ("https://x.invalid/v1/traces", "https://x.invalid/v1/traces"),
        ("https://x.invalid/a?b=c", "https://x.invalid/a/v1/traces?b=c"),
    ],
)
def test_where_spans_go(endpoint, url):
    assert url_of(endpoint) == url


@pytest.mark.parametrize("endpoint", ["127.0.0.1:4318", "ftp://x", "http://", "file:///etc/passwd", "http://u:p@x"])
def test_what_is_no_endpoint(endpoint):
    with pytest.raises(RecorderError, match="--endpoint: give http"):
        url_of(endpoint)
