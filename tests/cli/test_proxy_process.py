import json
import os
import socket
from pathlib import Path

import pytest

from recorder.cli import proxy_process
from recorder.cli.proxy_process import ServeOptions, free_addresses, running_proxy
from recorder.errors import ConfigError, RecorderError

TWO = ("reverse:http://a:1", "reverse:http://b:2")


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_SERVE_LOG", str(tmp_path / "log.json"))
    return tmp_path / "log.json"


def test_listens_once_for_each_mode(fake_serve, log):
    with running_proxy(fake_serve, ServeOptions(specs=TWO, db=Path("/x.db"))) as proxy:
        assert list(proxy.addresses) == list(TWO)
        for address in proxy.addresses.values():
            host, port = address.split(":")
            socket.create_connection((host, int(port))).close()
        assert (proxy.ready.run_id, proxy.poll()) == ("r1", None)
    assert proxy.poll() is not None


def test_arguments(fake_serve, log):
    options = ServeOptions(
        specs=("upstream:http://proxy:1",),
        addresses=(("127.0.0.1", 0),),
        db=Path("/x.db"),
        via="http://v:1",
        direct=("d",),
        allow_hosts=("h1", "h2"),
        proxy_auth="me:made-up",
        settings={"recorder_project": "a=b"},
    )
    with running_proxy(fake_serve, options):
        seen = json.loads(log.read_text())
    expected = "--mode upstream:http://proxy:1@127.0.0.1:0 --db /x.db --via http://v:1 --direct d --allow-host h1"
    expected += " --allow-host h2 --set recorder_project=a=b --parent-pipe"
    assert seen == {"words": expected.split(), "auth": "me:made-up"}


def test_it_notices_when_we_are_gone(fake_serve, log):
    """Only the pipe tells it: the process that started it may have been killed."""
    with running_proxy(fake_serve, ServeOptions(specs=("regular",), db=Path("/x.db"))) as proxy:
        proxy._process.stdin.close()
        assert proxy.wait() == 0
    assert log.with_suffix(".stopped").exists()


def test_it_has_a_session_of_its_own(fake_serve):
    with running_proxy(fake_serve, ServeOptions(specs=("regular",), db=Path("/x.db"))) as proxy:
        assert os.getsid(proxy._process.pid) == proxy._process.pid


def test_complaints_are_kept(fake_serve):
    with running_proxy(fake_serve, ServeOptions(specs=("regular",), db=Path("/x.db"))) as proxy:
        pass
    assert proxy.complaints == ["recorder: a word of warning"]


@pytest.mark.parametrize(
    ("behaviour", "error", "words"),
    [
        ("refuse", ConfigError, "did not start: no such option$"),
        ("crash", RecorderError, "did not start: exit code 1"),
        ("garbage", RecorderError, "something else"),
    ],
)
def test_a_proxy_that_does_not_start(fake_serve, monkeypatch, behaviour, error, words):
    monkeypatch.setenv("FAKE_SERVE", behaviour)
    with (
        pytest.raises(RecorderError, match=words) as caught,
        running_proxy(fake_serve, ServeOptions(specs=("regular",), db=Path("/x.db"))),
    ):
        pass
    assert caught.type is error


def test_a_proxy_that_says_nothing(fake_serve, monkeypatch, log):
    monkeypatch.setenv("FAKE_SERVE", "silent")
    monkeypatch.setattr(proxy_process, "START_SECONDS", 0.2)
    with (
        pytest.raises(RecorderError, match="did not listen within"),
        running_proxy(fake_serve, ServeOptions(specs=("regular",), db=Path("/x.db"))),
    ):
        pass


def test_free_addresses():
    addresses = free_addresses(3)
    assert addresses[0] == ("127.0.0.1", 0)
    assert len({port for _, port in addresses}) == 3
