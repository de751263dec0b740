"""Signatures, checked by a verifier of our own; where the credentials come from; what they are signed for."""

import os
from pathlib import Path
from typing import Any

import pytest

from recorder.credentials.aws import Signable, region_of, service_of
from recorder.credentials.source import Given, make_source
from recorder.errors import CredentialError
from recorder.policy.auth import Auth
from recorder.policy.upstream import Upstream, parse_upstreams
from tests.credentials.sigv4 import is_signed, scope_of

KEY_ID = "AKIA" + "Q" * 16
SECRET = "made+up/" + "s3cr3t" * 5 + "=="
TOKEN = "IQoJ" + "b3JpZ2lu" * 20

# The suite of test vectors that AWS publishes: "get-vanilla" and "post-vanilla-query".
VECTOR_SECRET = "wJalrXUtnFEMI/K7MDENG" + "+bPxRfiCYEXAMPLEKEY"
VECTORS = [
    (
        ("GET", "/", b""),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    (
        ("POST", "/?Param1=value1", b""),
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
    ),
]


@pytest.fixture(autouse=True)
def aws_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def upstream(url: str, **auth: Any) -> Upstream:
    return parse_upstreams({"aws": {"url": url, "auth": {"from": "aws"} | auth}})["aws"]


def request(url: str, target: str, body: bytes = b'{"a": 1}', method: str = "POST") -> Signable:
    headers = (("Content-Type", "application/json"), ("X-Amzn-Bedrock-Trace", "a  b "), ("X-Forwarded-For", "1"))
    return Signable(method=method, url=url + target, headers=headers, body=body)


async def give(place: Upstream, asked: Signable) -> Given:
    assert place.auth
    return await make_source(place, place.auth).give(asked)


def received(asked: Signable, given: Given, host: str) -> dict[str, str]:
    return {name.lower(): value for name, value in (*asked.headers, *given.headers, ("host", host))}


@pytest.mark.parametrize(("asked", "signature"), VECTORS)
def test_the_verifier_agrees_with_the_published_vectors(asked: tuple[str, str, bytes], signature: str) -> None:
    method, target, body = asked
    fields = {
        "host": "example.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}",
    }
    assert is_signed(method, target, fields, body, VECTOR_SECRET)
    assert not is_signed(method, target, fields, body + b" ", VECTOR_SECRET)
    assert not is_signed(method, target, fields | {"host": "example.com"}, body, VECTOR_SECRET)


TARGETS = (
    "/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke",
    "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke-with-response-stream",
    "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fabc/invoke",
    "/inference-profiles?maxResults=10&type=SYSTEM_DEFINED",
    "/inference-profiles?type=b&maxResults=1&nextToken=a%2Bb%3D",
    "/anthropic/v1/messages?beta=true",
    "/model/a~b_c-d.e/invoke",
)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("token", [None, TOKEN])
async def test_a_signature_is_right(target: str, token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    if token:
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    url = "https://bedrock-runtime.us-west-2.amazonaws.com"
    asked = request(url, target, method="GET" if target.startswith("/inf") else "POST")
    given = await give(upstream(url), asked)
    fields = received(asked, given, "bedrock-runtime.us-west-2.amazonaws.com")
    assert is_signed(asked.method, target, fields, asked.body, SECRET)
    assert scope_of(fields)[0] == KEY_ID
    assert scope_of(fields)[2:4] == ["us-west-2", "bedrock"]
    for changed in (
        {"host": "a.test"},
        {"content-type": "text/plain"},
        {"x-amz-date": "19" + fields["x-amz-date"][2:]},
    ):
        assert not is_signed(asked.method, target, fields | changed, asked.body, SECRET), changed
    assert not is_signed(asked.method, target + "x", fields, asked.body, SECRET)
    assert not is_signed(asked.method, target, fields, asked.body + b" ", SECRET)
    # What a proxy on the way may change is not signed.
    assert is_signed(asked.method, target, fields | {"x-forwarded-for": "2", "via": "1.1 p"}, asked.body, SECRET)
    assert {secret.value for secret in given.secrets} == {KEY_ID, SECRET, *([token] if token else [])}


@pytest.mark.parametrize(
    ("url", "auth", "scope"),
    [
        ("https://bedrock-runtime.eu-central-1.amazonaws.com", {}, ["eu-central-1", "bedrock"]),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", {}, ["us-gov-west-1", "bedrock"]),
        ("https://bedrock-mantle.us-east-2.api.aws/anthropic", {}, ["us-east-2", "bedrock-mantle"]),
        ("https://aws-external-anthropic.us-east-1.api.aws", {}, ["us-east-1", "aws-external-anthropic"]),
        ("https://vpce-1.bedrock-runtime.ap-south-1.vpce.amazonaws.com", {}, ["ap-south-1", "bedrock"]),
        ("https://gateway.test", {}, ["sa-east-1", "bedrock"]),
        ("https://gateway.test", {"region": "us-east-1", "service": "execute-api"}, ["us-east-1", "execute-api"]),
        ("https://bedrock-runtime.eu-west-1.amazonaws.com", {"region": "eu-west-1"}, ["eu-west-1", "bedrock"]),
    ],
)
async def test_what_it_is_signed_for(
    url: str, auth: dict[str, str], scope: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    given = await give(upstream(url, **auth), request(url, "/model/a/invoke"))
    assert scope_of(dict(given.headers))[2:4] == scope


async def test_the_region_of_an_upstream_is_what_it_is_signed_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    table = {"url": "https://gateway.test", "protocol": "bedrock", "region": "eu-west-3", "auth": "aws"}
    given = await give(parse_upstreams({"a": table})["a"], request("https://gateway.test", "/model/a/invoke"))
    assert scope_of(dict(given.headers))[2] == "eu-west-3"


async def test_a_profile_and_a_command_of_the_chain(tmp_path: Path) -> None:
    script = tmp_path / "process.sh"
    said = f'{{"Version": 1, "AccessKeyId": "{KEY_ID}", "SecretAccessKey": "{SECRET}"}}'
    script.write_text(f"#!/bin/sh\necho '{said}'\n")
    script.chmod(0o700)
    (tmp_path / "config").write_text(f"[profile work]\nregion = eu-north-1\ncredential_process = {script}\n")
    url = "https://gateway.test"
    asked = request(url, "/model/a/invoke")
    given = await give(upstream(url, profile="work"), asked)
    assert is_signed("POST", "/model/a/invoke", received(asked, given, "gateway.test"), asked.body, SECRET)
    assert scope_of(dict(given.headers))[2] == "eu-north-1"


async def test_a_bearer_token_goes_before_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key-" + "YWJj" * 9)
    given = await give(upstream("https://bedrock-mantle.us-east-1.api.aws"), request("https://a.test", "/"))
    assert given.headers == (("authorization", "Bearer bedrock-api-key-" + "YWJj" * 9),)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "AWS's chain of credentials ends without any"),
        ({"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}, "no region is known; set `region`"),
        ({"AWS_PROFILE": "missing"}, "AWS gave no credentials (ProfileNotFound)"),
        ({"AWS_ACCESS_KEY_ID": KEY_ID}, "AWS gave no credentials (PartialCredentialsError)"),
    ],
)
async def test_without_credentials(settings: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CredentialError) as caught:
        await give(upstream("https://gateway.test"), request("https://gateway.test", "/"))
    assert str(caught.value).startswith(f"[upstream.aws] auth: {said}")
    assert KEY_ID not in str(caught.value)


def test_hosts() -> None:
    assert region_of("127.0.0.1") is None
    assert region_of("api.us-east-1.example.com") == "us-east-1"
    assert service_of("127.0.0.1") == "bedrock"


async def test_refused_credentials_are_looked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    place = upstream("https://bedrock-runtime.us-east-1.amazonaws.com")
    source = make_source(place, Auth(source="aws"))
    first = await source.give(request("https://a.test", "/"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA" + "R" * 16)
    assert await source.refused(first.mark)
    second = await source.give(request("https://a.test", "/"))
    assert scope_of(dict(second.headers))[0] == "AKIA" + "R" * 16
