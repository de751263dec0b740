import os
import signal
import sys
import threading

import pytest

from recorder.cli.child import NOT_EXECUTABLE, find_program, run_child


def run(code, **env):
    return run_child(["python", "-c", code], sys.executable, {**os.environ, **env})


def test_exit_code():
    assert run("raise SystemExit(7)") == 7


def test_death_by_signal():
    assert run("import os; os.kill(os.getpid(), 9)") == 128 + 9


def test_environment():
    assert run("import os; raise SystemExit(int(os.environ['CODE']))", CODE="5") == 5


def test_cannot_be_started(tmp_path, capsys):
    path = tmp_path / "program"
    path.write_bytes(b"\x7fnothing")
    path.chmod(0o755)
    assert run_child(["program"], str(path), {}) == NOT_EXECUTABLE
    assert "program: cannot be started: Exec format error" in capsys.readouterr().err


def signalled(number, handler, tmp_path):
    """Run a command that waits; send a signal to ourselves once it is there; return its exit code."""
    fifo = tmp_path / "ready"
    os.mkfifo(fifo)
    code = f"import signal, sys\n{handler}\nopen({str(fifo)!r}, 'w').close()\nsignal.pause()"

    def send():
        with fifo.open():
            os.kill(os.getpid(), number)

    thread = threading.Thread(target=send)
    thread.start()
    result = run(code)
    thread.join()
    return result


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGUSR1"])
def test_signals_are_passed_on(name, tmp_path):
    handler = f"signal.signal(signal.{name}, lambda *_: sys.exit(3))"
    assert signalled(getattr(signal, name), handler, tmp_path) == 3


def test_an_untreated_signal_is_the_exit_code(tmp_path):
    assert signalled(signal.SIGTERM, "", tmp_path) == 128 + signal.SIGTERM


def test_interrupt_is_left_to_the_command(tmp_path):
    """The terminal sends it to the command as well: ours is neither passed on nor does it end us."""
    handler = "import threading, os; threading.Timer(0.3, os._exit, (4,)).start()"
    assert signalled(signal.SIGINT, handler, tmp_path) == 4


def test_the_command_does_not_inherit_our_handlers():
    code = "import signal, sys; sys.exit(signal.getsignal(signal.SIGQUIT) != signal.SIG_DFL)"
    assert run(code) == 0


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    run("")
    assert signal.getsignal(signal.SIGTERM) is before


def test_find_program(tmp_path):
    (tmp_path / "tool").touch(mode=0o755)
    assert find_program("tool", str(tmp_path)) == str(tmp_path / "tool")
    assert find_program("tool", "/nowhere") is None
