"""The credentials addon in the recorder's own proxy: what upstreams get, what is renewed, and what nobody finds out."""

import asyncio
from pathlib import Path

from recorder.demo.answers import Answer, Failure, Text
from recorder.demo.provider import Provider
from recorder.demo.requests import SeenRequest
from recorder.store.database import open_reader
from recorder.store.queries import records
from tests.addons.test_route import Routed, upstream
from tests.credentials.sigv4 import is_signed
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import headers, message
from tests.support.wire_client import Received, post

SECRET = "made/up+" + "s3cr3t" * 5 + "=="
ENV_KEY, FILE_KEY = "sk-env-" + "4e0d" * 6, "sk-file-" + "9b1c" * 6
AWS = {
    "AWS_ACCESS_KEY_ID": "AKIA" + "Q" * 16,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
}
OWN = {
    "Authorization": "Bearer of-the-client-1234567890",
    "X-Api-Key": "sk-of-the-client-1234567890",
    "X-Amz-Security-Token": "of-the-client-1234567890",
    "Cookie": "session=of-the-client-1234567890",
}
"""What a client may bring; an upstream with `auth` gets none of it."""


class Rotating:
    """A provider that takes one key alone and repeats it in its answers; the helper's file says which key it prints."""

    def __init__(self, folder: Path) -> None:
        self.good = helper_key(1)
        self.printed = folder / "printed"
        self.runs = folder / "runs"
        self.printed.write_text(f"{self.good}\n")
        self.command = f"echo run >> {self.runs}; echo oops {self.good} >&2; cat {self.printed}"

    def __call__(self, request: SeenRequest) -> Answer:
        given = (request.header("authorization") or "").removeprefix("Bearer ")
        if given.startswith("sk-helper") and given != self.good:
            return Answer(status=401, failure=Failure("authentication_error", f"bad key {given}"))
        return Answer(blocks=(Text(f"you are {given} and sign with {SECRET}"),))

    @property
    def ran(self) -> int:
        return len(self.runs.read_text().splitlines()) if self.runs.exists() else 0


def helper_key(number: int) -> str:
    return f"sk-helper-{number}-" + f"{number}7e9" * 6


def case(name: str, url: str, auth: str) -> str:
    return upstream(name, url, f"auth = {auth}") + f'[[route]]\nto = "{name}"\nwhen.header = {{ x-case = "{name}" }}\n'


async def ask(process: RecorderProcess, name: str, path: str = "/v1/messages?beta=true") -> Received:
    return await post(process.url, path, message("hi"), headers(name, Host="127.0.0.1", **{"x-case": name}) | OWN)


async def test_every_source(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{FILE_KEY}\n")
    rotating = Rotating(tmp_path)
    async with Provider(rotating) as provider:
        text = (
            case("env", provider.url, '"env:GATEWAY_KEY"')
            + case("file", provider.url, f'{{ from = "file:{tmp_path / "key"}", send = "x-api-key" }}')
            + case("helper", f"{provider.url}/gw", f"{{ from = '''helper:{rotating.command}''' }}")
            + case("broken", provider.url, f"{{ from = '''helper:echo {ENV_KEY}; exit 7''' }}")
            + case("slow", provider.url, '{ from = "helper:sleep 60", timeout_seconds = 0.2 }')
            + case("aws", provider.url, '{ from = "aws", region = "us-east-1" }')
            + case("none", provider.url, '"none"')
            + case("own", provider.url, '"env:GATEWAY_KEY"').replace('auth = "env:GATEWAY_KEY"', "")
        )
        with Routed(tmp_path, text, env={"GATEWAY_KEY": ENV_KEY} | AWS) as process:
            await check_static(process, provider)
            await check_helper(process, provider, rotating)
            await check_failures(process, provider)
            await check_aws(process, provider)
        found = [record.body for record in records(open_reader(process.db)) if "routed" in record.body]
        (routed,) = [body["routed"] for body in found if body["routed"]["upstream"] == "env"]
        assert routed["headers"] == ["authorization"]
        assert {"authorization", "x-api-key", "cookie", "x-amz-security-token"} <= set(routed["removed"])
        (tmp_path / "recorder.toml").unlink()
        for path in (tmp_path / "key", rotating.printed):
            path.unlink()
        everything = process.every_byte()
        for secret in (ENV_KEY, FILE_KEY, SECRET, *map(helper_key, range(1, 4)), "of-the-client-1234567890"):
            assert secret.encode() not in everything


async def check_static(process: RecorderProcess, provider: Provider) -> None:
    for name, header, value in (("env", "authorization", f"Bearer {ENV_KEY}"), ("file", "x-api-key", FILE_KEY)):
        assert (await ask(process, name)).status == 200
        seen = provider.exchanges[-1].request
        assert seen.header(header) == value
        assert b"of-the-client" not in seen.head
    await ask(process, "none")
    assert provider.exchanges[-1].request.header("authorization") is None
    assert b"of-the-client" not in provider.exchanges[-1].request.head
    await ask(process, "own")
    assert provider.exchanges[-1].request.header("x-api-key") == OWN["X-Api-Key"]


async def check_helper(process: RecorderProcess, provider: Provider, rotating: Rotating) -> None:
    got = await asyncio.gather(*(ask(process, "helper") for _ in range(8)))
    assert {one.status for one in got} == {200}
    assert rotating.ran == 1
    seen = provider.exchanges[-1].request
    assert (seen.header("authorization"), seen.header("x-api-key")) == (f"Bearer {rotating.good}", rotating.good)
    # It rotates: the first to hear of it has another key to try with; whoever comes then does not notice.
    rotating.good = helper_key(2)
    rotating.printed.write_text(rotating.good)
    refused = await ask(process, "helper")
    assert (refused.status, refused.headers.get("x-should-retry")) == (401, "true")
    assert helper_key(1).encode() in refused.body  # the provider's own words
    assert (await ask(process, "helper")).status == 200
    assert rotating.ran == 2
    # A key that is refused although it is new is the user's to see, and not to be tried for ever.
    rotating.good = helper_key(3)
    for _ in range(2):
        refused = await ask(process, "helper")
        assert (refused.status, refused.headers.get("x-should-retry")) == (401, None)


async def check_failures(process: RecorderProcess, provider: Provider) -> None:
    before = len(provider.exchanges)
    broken = await ask(process, "broken")
    assert broken.status == 409
    assert b"[upstream.broken] auth: the helper ended with exit code 7; run it by hand to see why" in broken.body
    assert ENV_KEY.encode() not in broken.body
    slow = await ask(process, "slow", "/model/x/invoke")
    assert slow.headers["x-amzn-errortype"] == "ValidationException"
    assert b"[upstream.slow] auth took more than 0.2 s" in slow.body
    assert len(provider.exchanges) == before
    row = process.one("broken")
    assert (row.state, row.state_reason) == ("blocked", "blocked")


async def check_aws(process: RecorderProcess, provider: Provider) -> None:
    for path in ("/model/us.anthropic.claude-haiku-4-5-20251001-v1:0/invoke", "/model/a%3A0/invoke"):
        assert (await ask(process, "aws", path)).status == 200
        seen = provider.exchanges[-1].request
        fields = {name.lower(): value for name, value in seen.headers}
        assert is_signed("POST", path, fields, seen.body, SECRET), fields
        assert b"of-the-client" not in seen.head
