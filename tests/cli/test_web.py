"""`recorder web` as its user starts it."""

import http.client
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from recorder.cli import main
from scripts.sample import fill

PROGRAM = [sys.executable, "-c", "from recorder.cli import main; main(prog_name='recorder')"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "records.db"
    fill(path)
    return path


def test_it_says_where_it_is_and_ends_with_ctrl_c(path: Path) -> None:
    words = [*PROGRAM, "web", "--no-open", "--db", str(path)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        line = process.stderr.readline()
        match = re.search(r"http://127\.0\.0\.1:(\d+)(/\?token=\S+)", line)
        assert match, line
        connection = http.client.HTTPConnection("127.0.0.1", int(match[1]), timeout=60)
        connection.request("GET", match[2])
        assert connection.getresponse().status == 302
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "Traceback" not in process.stderr.read()


def test_a_port_that_is_taken(path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["web", "--no-open", "--port", str(port), "--db", str(path)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"--port {port}: Address already in use" in result.stderr


def test_no_database(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["web", "--no-open", "--db", str(tmp_path / "none.db")])
    assert result.exit_code == 1
    assert "there is no such database" in result.stderr
