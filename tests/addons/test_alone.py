"""Each addon as a mitmdump script, by itself and beside the audit addon: starts, serves a request, stops."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recorder.access.keys import create_key
from recorder.cli.addons_dir import addon_paths
from recorder.demo.answers import Answer, Text
from recorder.demo.provider import Provider
from tests.addons.test_mitmdump import wait_for
from tests.support.recorder_process import CACHE
from tests.support.requests import headers, message
from tests.support.wire_client import post

NEEDY = {"credentials": "does nothing without route.py", "limits": "load addons/audit.py as well"}
"""What is of no use by itself: mitmdump ends with that sentence, and does not go on without what was asked for."""
ALONE = [(name,) for name in addon_paths() if name not in NEEDY]


@contextmanager
def mitmdump(home: Path, upstream: str, scripts: tuple[str, ...], **more: str) -> Iterator[subprocess.Popen[str]]:
    config = home / "recorder.toml"
    config.write_text(
        f'[upstream.a]\nurl = "{upstream}/a"\n[[route]]\nto = "a"\n[[budget]]\nname = "b"\nusd = 5\nwindow = "day"\n'
    )
    words = [str(Path(sys.executable).with_name("mitmdump")), "--mode", f"reverse:{upstream}@127.0.0.1:0"]
    for name in scripts:
        words += ["-s", str(addon_paths()[name])]
    options: dict[str, Path | str] = {"confdir": home / "mitmproxy", "connection_strategy": "lazy"} | more
    if scripts != ("view",):  # it has no options of ours
        options |= {"recorder_config": config, "recorder_db": home / "records.db"}
    for name, value in options.items():
        words += ["--set", f"{name}={value}"]
    env = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "c"), "XDG_CACHE_HOME": str(CACHE)}
    env["PYTHONUNBUFFERED"] = "1"
    with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


@pytest.mark.parametrize("scripts", [*ALONE, ("audit", "route"), tuple(addon_paths())], ids="+".join)
async def test_starts_serves_and_stops(tmp_path: Path, scripts: tuple[str, ...]) -> None:
    said: list[str] = []
    async with Provider(lambda _: Answer(blocks=(Text("Hello."),))) as provider:
        with mitmdump(tmp_path, provider.url, scripts) as process:
            port = wait_for(process, r"listening at \S*?:(\d+)", said)[1]
            fields = headers("s", Host="127.0.0.1")
            got = await post(f"http://127.0.0.1:{port}", "/v1/messages", message("hi"), fields)
            assert got.status == 200, said
            process.terminate()
            assert process.stdout
            said += process.stdout
            assert process.wait(30) == 0
        (exchange,) = provider.exchanges
        assert got.body == bytes(exchange.body)
        assert exchange.request.target == ("/a/v1/messages" if "route" in scripts else "/v1/messages")
    assert "Traceback" not in "".join(said), "".join(said)
    assert (tmp_path / "records.db").exists() is ("audit" in scripts)


@pytest.mark.parametrize(("name", "said"), NEEDY.items())
def test_what_needs_another_addon_says_so_and_ends(tmp_path: Path, name: str, said: str) -> None:
    with mitmdump(tmp_path, "http://127.0.0.1:9", (name,)) as process:
        output, _ = process.communicate(timeout=60)
    assert (said in output, "Traceback" in output) == (True, False), output
    assert process.returncode == 1


async def test_a_key_with_a_budget_is_refused_where_nothing_would_hold_it(tmp_path: Path) -> None:
    said: list[str] = []
    folder = tmp_path / "c" / "llm-audit-recorder"
    _, bare = create_key(folder, user="ann", project="shop")
    _, bound = create_key(folder, user="bob", project="shop", budget="5/month")
    async with Provider(lambda _: Answer(blocks=(Text("Hello."),))) as provider:
        with mitmdump(tmp_path, provider.url, ("guard", "audit", "access")) as process:
            port = wait_for(process, r"listening at \S*?:(\d+)", said)[1]
            for key, status in ((bare, 200), (bound, 401)):
                fields = headers("s", Host="127.0.0.1") | {"x-api-key": key}
                got = await post(f"http://127.0.0.1:{port}", "/v1/messages", message("hi"), fields)
                assert got.status == status, said
            assert b"its key has a budget, which addons/limits.py is needed for" in got.body
