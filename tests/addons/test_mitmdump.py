"""The audit addon in mitmdump, as `mitmdump -s addons/audit.py` loads it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recorder.demo.answers import Answer, Text, in_order
from recorder.demo.provider import Provider
from recorder.store.database import open_reader
from recorder.store.queries import list_interactions, request_body
from tests.support.recorder_process import CACHE, ROOT
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import post

HELLO = Answer(blocks=(Text("Hello from the other side of the proxy."),))


@contextmanager
def mitmdump(home: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [str(Path(sys.executable).with_name("mitmdump")), "-s", str(ROOT / "addons" / "audit.py")]
    command += ["--set", f"confdir={home / 'mitmproxy'}", "--set", f"recorder_db={home / 'records.db'}", "-p", "0"]
    env = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(CACHE)}
    env["PYTHONUNBUFFERED"] = "1"  # mitmdump writes to a pipe in blocks otherwise
    with subprocess.Popen(
        [*command, *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def wait_for(process: subprocess.Popen[str], pattern: str, said: list[str]) -> re.Match[str]:
    """Read the output up to a line that matches; what was read is added to `said`."""
    assert process.stdout
    for line in process.stdout:
        said.append(line)
        if found := re.search(pattern, line):
            return found
    raise AssertionError("".join(said))


async def test_records_in_reverse_mode(tmp_path: Path) -> None:
    said: list[str] = []
    body = dumps(message("hi"))
    async with Provider(in_order(HELLO)) as provider:
        with mitmdump(tmp_path, "--mode", f"reverse:{provider.url}") as process:
            port = wait_for(process, r"listening at \S*?:(\d+)", said)[1]
            wait_for(process, "recorder: recording to", said)
            secret = "AIza" + "Sy" + "B" * 33
            got = await post(f"http://127.0.0.1:{port}", f"/v1/messages?key={secret}", body, headers("s"))
            assert got.body == bytes(provider.exchanges[0].body)
            assert provider.exchanges[0].request.body == body
            process.terminate()
            assert process.stdout
            said += process.stdout
            assert process.wait(30) == 0
    assert secret not in "".join(said)  # mitmdump would have shown the URL
    db = open_reader(tmp_path / "records.db")
    (row,) = list_interactions(db)
    assert (row.state, row.session_id) == ("complete", "s")
    assert request_body(db, row.id) == body
    assert secret not in row.path


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("recorder_on_failur=pass", "did you mean recorder_on_failure"),
        ("recorder_on_failure=maybe", "on_failure"),
        ("recorder_config=/dev/null/x.toml", "/dev/null/x.toml"),
        ("recorder_db=twice.db", "recorder_db is given more than once"),
    ],
)
def test_refuses_a_wrong_setting(tmp_path: Path, setting: str, said: str) -> None:
    with mitmdump(tmp_path, "--set", setting) as process:
        output, _ = process.communicate(timeout=60)
    assert said in output
    assert process.returncode == 1
