import pytest

from recorder.again.request import Variable, load_request
from recorder.errors import StoreError
from recorder.model import FlowClass, Provider, SafeText
from recorder.store.database import open_reader
from recorder.store.rows import Routed
from scripts.sample import Sample, said

KEY = "[REDACTED:anthropic-api-key:862665c1c10581f8616cb7580c641fcc]"


@pytest.fixture
def load(tmp_path):
    def record_and_load(*, upstream=False, text="Hello", **given):
        path = tmp_path / "records.db"
        sample = Sample(path)
        id_ = sample.open([said("user", text)], **given)
        sample.close()
        with open_reader(path) as db:
            return load_request(db, id_, upstream=upstream)

    return record_and_load


def headers(*pairs):
    return tuple((SafeText(name), SafeText(value)) for name, value in pairs)


def test_what_the_client_sent(load):
    given = headers(
        ("Host", "x"), ("Accept", "a"), ("X-Api-Key", KEY), ("Content-Length", "7"), ("accept-encoding", "br")
    )
    request = load(headers=given)
    assert (request.method, request.url) == ("POST", "https://api.anthropic.com/v1/messages?beta=true")
    assert request.headers == (("Accept", "a"), ("X-Api-Key", Variable("ANTHROPIC_API_KEY")))
    assert request.body.startswith(b'{"model": "claude-opus-4-6"')
    assert (request.placeholders, request.notes) == ({}, ())


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("api.anthropic.com:443", "https://api.anthropic.com/v1/messages?beta=true"),
        ("api.anthropic.com:80", "https://api.anthropic.com:80/v1/messages?beta=true"),
        ("127.0.0.1:4000", "https://127.0.0.1:4000/v1/messages?beta=true"),
        ("::1:4000", "https://[::1]:4000/v1/messages?beta=true"),
    ],
)
def test_hosts(load, host, url):
    assert load(host=SafeText(host)).url == url


@pytest.mark.parametrize(
    ("provider", "header", "variable"),
    [
        (Provider.ANTHROPIC, "authorization", Variable("ANTHROPIC_AUTH_TOKEN", "Bearer ")),
        (Provider.BEDROCK, "Authorization", Variable("AWS_BEARER_TOKEN_BEDROCK", "Bearer ")),
        (Provider.VERTEX, "authorization", Variable("GOOGLE_ACCESS_TOKEN", "Bearer ")),
        (Provider.FOUNDRY, "api-key", Variable("ANTHROPIC_FOUNDRY_API_KEY")),
        (Provider.GATEWAY, "x-litellm-api-key", Variable("X_LITELLM_API_KEY")),
        (Provider.GATEWAY, "cf-aig-authorization", Variable("CF_AIG_AUTHORIZATION", "Bearer ")),
    ],
)
def test_variables(load, provider, header, variable):
    assert load(provider=provider, headers=headers((header, KEY))).headers == ((header, variable),)


def test_a_signature_is_left_out_and_told(load):
    request = load(headers=headers(("Authorization", KEY), ("X-Amz-Date", "20261123T000000Z"), ("x-app", "cli")))
    assert request.is_signed
    assert request.headers == (("x-app", "cli"),)


def test_placeholders_of_the_body_are_counted(load):
    assert load(text=f"{KEY} and [REDACTED:password] and {KEY}").placeholders == {KEY: 2, "[REDACTED:password]": 1}


def test_what_went_upstream(load):
    routed = Routed(
        policy="p",
        url=SafeText("https://gateway.example/v1/messages?beta=true"),
        model=SafeText("house-model"),
        headers=(SafeText("authorization"),),
        removed=(SafeText("x-api-key"),),
    )
    given = headers(("x-api-key", KEY), ("x-app", "cli"))
    request = load(upstream=True, routed=routed, headers=given)
    assert request.url == "https://gateway.example/v1/messages?beta=true"
    assert request.headers == (("x-app", "cli"), ("authorization", Variable("ANTHROPIC_AUTH_TOKEN", "Bearer ")))
    assert request.body.startswith(b'{"model": "house-model", ')
    assert "values of headers that a route sets are not on the record: authorization" in request.notes


def test_headers_that_no_command_carries(load):
    request = load(headers=headers(("x-line", "a\x1bb"), ("x app", "c"), ("x-app", "cli")))
    assert request.headers == (("x-app", "cli"),)
    assert request.notes == ("left out, since they are not of one line in ASCII: 'x-line', 'x app'",)


def test_a_body_that_is_not_on_the_record(load):
    none = {"envelope": None, "slots": (), "chains": {}, "starts": {}, "marks": ()}
    with pytest.raises(StoreError, match="its body is not on the record"):
        load(flow_class=FlowClass.SUPPORT, **none)
