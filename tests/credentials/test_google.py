"""Google's application default credentials, from a service account's file, with a token server on the loopback."""

import json
import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from recorder.credentials.aws import Signable
from recorder.credentials.source import Source, make_source
from recorder.errors import CredentialError
from recorder.policy.upstream import parse_upstreams

ASKED = Signable(method="POST", url="https://aiplatform.test/v1/x:rawPredict", headers=(), body=b"{}")


class TokenServer(ThreadingHTTPServer):
    """Gives one token after the other, or an error that quotes what it was asked with."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self.fails = False
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.server.fails:
            status, said = 400, {"error": "invalid_grant", "error_description": asked}
        else:
            self.server.tokens.append(f"ya29.{secrets.token_hex(16)}")
            status, said = 200, {"access_token": self.server.tokens[-1], "expires_in": 3600, "token_type": "Bearer"}
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TokenServer, Source]]:
    server = TokenServer()
    Thread(target=server.serve_forever, daemon=True).start()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "client_email": "recorder@p.iam.test",
        "private_key": key.decode(),
        "project_id": "p",
        "quota_project_id": "billed",
        "token_uri": f"http://127.0.0.1:{server.server_port}/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server, source()
    server.shutdown()
    server.server_close()


def source() -> Source:
    upstream = parse_upstreams({"v": {"url": "https://aiplatform.test/v1", "auth": "google"}})["v"]
    assert upstream.auth
    return make_source(upstream, upstream.auth)


async def test_a_token_is_fetched_once_and_anew_when_it_is_refused(google: tuple[TokenServer, Source]) -> None:
    server, tokens = google
    first, again = await tokens.give(ASKED), await tokens.give(ASKED)
    assert dict(first.headers)["authorization"] == f"Bearer {server.tokens[0]}"
    assert (again.headers, len(server.tokens)) == (first.headers, 1)
    assert [secret.value for secret in first.secrets] == server.tokens
    assert await tokens.refused(first.mark)
    renewed = await tokens.give(ASKED)
    assert dict(renewed.headers)["authorization"] == f"Bearer {server.tokens[1]}"


async def test_what_the_token_server_says_is_not_repeated(google: tuple[TokenServer, Source]) -> None:
    server, tokens = google
    server.fails = True
    with pytest.raises(CredentialError) as caught:
        await tokens.give(ASKED)
    assert "[upstream.v] auth: Google gave no token (RefreshError)" in str(caught.value)
    assert "assertion" not in str(caught.value)


async def test_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nowhere.json"))
    with pytest.raises(CredentialError, match="there are no application default credentials"):
        await source().give(ASKED)
