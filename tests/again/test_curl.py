"""The command is run by a shell with curl, and what arrives is compared byte for byte."""

import asyncio
import os
import shutil

import pytest

from recorder.again.curl import curl
from recorder.again.request import Request, Variable
from recorder.demo.provider import Provider
from recorder.demo.scripts import coding_session

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")

BODIES = {
    "plain": b'{"model":"m","messages":[]}',
    "quotes": b"""{"a":"it's \\"quoted\\" ''' and `id` $(id) ${HOME} $HOME !! !$ \\\\ \\n %s %d"}""",
    "ends with newlines": b'{"a":1}\n\n',
    "begins with a dash": b"-e -n {}",
    "begins with an at": b"@/etc/hostname",
    "end of a here-document": b'{\n"a":1\n}\nEOF\n',
    "carriage returns": b'{\r\n"a":1}\r\n',
    "nul": b'{"a":"\0"}',
    "no utf-8": b"\xff\xfe\x80",
    "escape": b'{"a":"\x1b[2J"}',
    "bidi": '{"a":"\u202egpj.exe"}'.encode(),
    "umlauts": '{"a":"Grüße, 世界 🙂"}'.encode(),
    "large": b'{"a":"' + b"it's " * 100_000 + b'"}',
}


def request(url, **given):
    made = {"method": "POST", "url": url, "headers": (), "body": b"{}", "is_signed": False, "placeholders": {}}
    return Request(**made | given)


async def run(command, folder, **variables):
    script = folder / "command.sh"
    script.write_text(command)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "no_proxy": "*"} | variables
    process = await asyncio.create_subprocess_exec(
        "/bin/sh", str(script), env=env, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    return process.returncode, output, errors.decode()


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("in_a_file", [False, True])
async def test_the_body_arrives_byte_for_byte(tmp_path, name, in_a_file):
    (tmp_path / "it's a body").write_bytes(BODIES[name])
    async with Provider(coding_session("true")) as provider:
        asked = request(f"{provider.url}/v1/messages?beta=true", body=BODIES[name])
        code, _, errors = await run(curl(asked, "./it's a body" if in_a_file else None), tmp_path)
        assert (code, errors) == (0, "")
        assert [seen.request.body for seen in provider.exchanges] == [BODIES[name]]


def test_nothing_that_steers_a_terminal_is_printed():
    for name in ("nul", "no utf-8", "escape", "bidi", "carriage returns"):
        printed = curl(request("http://127.0.0.1/", body=BODIES[name]))
        assert printed.isascii()
        assert printed.replace("\n", "").isprintable()


async def test_headers_arrive_as_they_were_and_secrets_from_variables(tmp_path):
    headers = (
        ("x-quoted", 'it\'s $(id) "x" `id`'),
        ("x-empty", ""),
        ("User-Agent", "claude-cli/2"),
        ("x-api-key", Variable("ANTHROPIC_API_KEY")),
        ("authorization", Variable("ANTHROPIC_AUTH_TOKEN", "Bearer ")),
        ("$HOME`id`", Variable("ODD")),
    )
    async with Provider(coding_session("true")) as provider:
        url = f"{provider.url}/v1/messages?a=[1-3]&key=[REDACTED:api-key]&b={{x,y}}/../z"
        command = curl(request(url, headers=headers))
        given = {"ANTHROPIC_API_KEY": "it's a key", "ANTHROPIC_AUTH_TOKEN": "a token", "ODD": "odd", "KEY": "in-a-url"}
        code, _, errors = await run(command, tmp_path, **given)
        assert (code, errors) == (0, "")
        (seen,) = provider.exchanges
        assert seen.request.target == "/v1/messages?a=[1-3]&key=in-a-url&b={x,y}/../z"
        arrived = dict(seen.request.headers)
        assert arrived.pop("Host") == f"127.0.0.1:{provider.port}"
        assert arrived.pop("Content-Length") == "2"
        assert arrived == {
            "x-quoted": 'it\'s $(id) "x" `id`',
            "x-empty": "",
            "User-Agent": "claude-cli/2",
            "x-api-key": "it's a key",
            "authorization": "Bearer a token",
            "$HOME`id`": "odd",
        }


async def test_nothing_is_sent_without_the_variable(tmp_path):
    async with Provider(coding_session("true")) as provider:
        asked = request(f"{provider.url}/v1/messages", headers=(("x-api-key", Variable("ANTHROPIC_API_KEY")),))
        code, _, errors = await run(curl(asked), tmp_path)
        assert code != 0
        assert "ANTHROPIC_API_KEY" in errors
        assert not provider.exchanges


@pytest.mark.parametrize(("method", "sent"), [("GET", ""), ("HEAD", "--head"), ("DELETE", "--request DELETE")])
def test_a_request_without_a_body(method, sent):
    printed = curl(request("http://127.0.0.1/v1/models", method=method, body=b""))
    assert sent in printed
    assert "--data-binary" not in printed
    assert "printf" not in printed


async def test_a_signed_request_is_signed_again(tmp_path):
    async with Provider(coding_session("true")) as provider:
        asked = request(f"{provider.url}/model/m/invoke", is_signed=True)
        given = {
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_SESSION_TOKEN": "t",
            "AWS_REGION": "r-1",
        }
        code, _, errors = await run(curl(asked), tmp_path, **given)
        assert (code, errors) == (0, "")
        (seen,) = provider.exchanges
        assert "AKID" in seen.request.header("authorization")
        assert "/r-1/bedrock/aws4_request" in seen.request.header("authorization")
        assert seen.request.header("x-amz-security-token") == "t"
