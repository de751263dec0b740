import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

import recorder
from recorder.cli import main
from recorder.cli.start import ensure_free, parse_listen, without_self
from recorder.errors import ConfigError

PROGRAM = [sys.executable, "-c", "from recorder.cli import main; main(prog_name='recorder')"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8787", ("127.0.0.1", 8787)),
        ("localhost:0", ("127.0.0.1", 0)),
        ("127.0.0.2:1", ("127.0.0.2", 1)),
        ("[::1]:8787", ("::1", 8787)),
    ],
)
def test_parse_listen(text, expected):
    assert parse_listen(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.0.0.0:8787", "not an address of this machine alone"),
        ("192.168.1.5:8787", "listen on 127.0.0.1"),
        ("[::]:1", "not an address of this machine alone"),
        ("8787", "not HOST:PORT"),
        ("127.0.0.1:x", "not HOST:PORT"),
        ("gateway:1", "not HOST:PORT"),
        ("127.0.0.1:65536", "not between"),
    ],
)
def test_addresses_that_are_refused(text, words, clean_env):
    with pytest.raises(ConfigError, match=words):
        parse_listen(text)
    assert CliRunner().invoke(main, ["start", "--listen", text]).exit_code == 2


def test_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{port}.*--listen 127.0.0.1:{port + 10}"):
            ensure_free(("127.0.0.1", port))
    ensure_free(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://127.0.0.1:8787", False),
        ("http://localhost:8787/x", False),
        ("http://127.0.0.1:8788", True),
        ("https://gateway:8787", True),
        ("https://[", True),
    ],
)
def test_base_urls_that_point_at_ourselves(url, kept):
    env = {"ANTHROPIC_BASE_URL": url, "OTHER": url}
    assert ("ANTHROPIC_BASE_URL" in without_self(env, ("127.0.0.1", 8787))) is kept
    assert "OTHER" in without_self(env, ("127.0.0.1", 8787))


@pytest.fixture
def start(clean_env, tmp_path):
    """Start the real recorder; gives the process and what it said until it listened."""
    running = []

    def begin(*words, **env):
        env = {**os.environ, "PYTHONPATH": str(Path(recorder.__file__).parent.parent), **env}
        words = [*PROGRAM, "start", "--db", str(tmp_path / "r.db"), "--listen", "127.0.0.1:0", *words]
        process = subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        running.append(process)
        said = ""
        while " goes to " not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        return process, said

    yield begin
    for process in running:
        process.terminate()
        process.wait()
        process.stderr.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGHUP, 129)])
def test_says_what_to_set_forwards_and_stops(start, number, code, tmp_path):
    private = tmp_path / "private"
    private.mkdir()
    process, said = start("--upstream", "http://127.0.0.1:9/nothing-there", TMPDIR=str(private))
    assert list(private.iterdir())
    base = said.partition("ANTHROPIC_BASE_URL=")[2].split()[0]
    assert base.endswith("/nothing-there")
    assert f"recording to {tmp_path / 'r.db'}" in said
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(base)
    assert error.value.code == 502
    error.value.close()
    process.send_signal(number)
    assert process.wait() == code
    assert not list(private.iterdir())


def test_proxy_mode_names_proxy_and_authority(start):
    _, said = start("--mode", "proxy")
    assert "HTTPS_PROXY=http://127.0.0.1:" in said
    assert "NODE_EXTRA_CA_CERTS=" in said


def test_a_settings_file_that_beats_the_shell_is_told(start, clean_env):
    (clean_env / ".claude").mkdir()
    path = clean_env / ".claude" / "settings.json"
    path.write_text('{"env":{"ANTHROPIC_BASE_URL":"http://gateway:4000"}}')
    _, said = start()
    assert f"{path} sets ANTHROPIC_BASE_URL and beats the shell" in said
    assert "Anthropic goes to http://gateway:4000" in said
