"""The recorder's proxy as a process of its own: started, waited for until it listens, stopped.

It holds the other end of a pipe (`--parent-pipe`): when this program dies in whatever way, the proxy sees the pipe end
and stops by itself. It has a session of its own, so that Ctrl-C in the terminal reaches the client and not the record.
"""

import collections
import contextlib
import os
import queue
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

import recorder
from recorder.errors import ConfigError, RecorderError

START_SECONDS = 60.0
"""A cold start on a slow disk imports mitmproxy for long; a warm one takes two seconds."""
STOP_SECONDS = 30.0
"""More than the proxy's own grace period for what is under way."""
KEPT_LINES = 200
AUTH_VARIABLE = "RECORDER_PROXY_AUTH"
"""Hands `user:password` of a corporate proxy over; an argument could be read by everyone on the machine."""


class Listening(msgspec.Struct, frozen=True):
    """One listener of the proxy."""

    mode: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{self.host}:{self.port}"


class Ready(msgspec.Struct, frozen=True):
    """What the proxy says once it listens."""

    listening: tuple[Listening, ...]
    run_id: str
    ca: str
    """Path of the certificate of the CA that a client must trust in proxy mode."""


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the proxy is started with."""

    specs: tuple[str, ...]
    """Modes without their listen address."""
    db: Path
    addresses: tuple[tuple[str, int], ...] | None = None
    """Where to listen, one for each of `specs`; None: a free port of the loopback for each."""
    via: str | None = None
    direct: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    proxy_auth: str | None = None
    settings: Mapping[str, str] = msgspec.field(default_factory=dict)
    """mitmproxy's and our own options by their names."""
    route: bool = False
    """Send requests where the configuration's rules say."""
    limit: bool = False
    """Hold to the configuration's budgets and rates."""
    allow_remote: bool = False
    """Other machines may use the recorder."""
    keys: bool = False
    """Mind the recorder's own keys."""


class ProxyProcess:
    """A running proxy; made by `running_proxy`."""

    def __init__(self, process: subprocess.Popen[bytes], specs: Mapping[str, str], lines: "_Lines") -> None:
        self._process = process
        self._specs = specs
        self._lines = lines
        self.ready = _wait_until_ready(process, lines)

    @property
    def addresses(self) -> dict[str, str]:
        """`host:port` of the listener by mode without listen address."""
        return {self._specs[listening.mode]: listening.address for listening in self.ready.listening}

    @property
    def complaints(self) -> list[str]:
        """What the proxy said on its standard error, the last lines of it."""
        return list(self._lines.errors)

    def poll(self) -> int | None:
        """Return the exit code of a proxy that has ended, else None."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait until the proxy ends; return its exit code."""
        return self._process.wait()

    def terminate(self) -> None:
        """Ask the proxy to stop."""
        if self.poll() is None:
            self._process.terminate()


@contextlib.contextmanager
def running_proxy(command: Sequence[str], options: ServeOptions) -> Iterator[ProxyProcess]:
    """Start the proxy (`command` and its options), wait until it listens, stop it at the end.

    Raises ConfigError for a setting that the proxy refuses (its exit code 2), RecorderError when it does not start.
    """
    addresses = options.addresses or free_addresses(len(options.specs))
    specs = {f"{spec}@{_join(*at)}": spec for spec, at in zip(options.specs, addresses, strict=True)}
    process = subprocess.Popen(  # noqa: S603 — our own program, its arguments are never a shell's
        [*command, *_arguments(options, tuple(specs))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(options),
        start_new_session=True,
    )
    lines = _Lines(process)
    try:
        yield ProxyProcess(process, specs, lines)
    finally:
        _stop(process)
        lines.close()


def free_addresses(count: int) -> tuple[tuple[str, int], ...]:
    """Return `count` addresses of the loopback that are free now.

    One of them is left to the system (port 0) and so cannot collide; mitmproxy refuses port 0 for a second listener.
    """
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count - 1)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return (("127.0.0.1", 0), *(one.getsockname() for one in sockets))


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _environment(options: ServeOptions) -> dict[str, str]:
    # The proxy imports this very package, also from a checkout that nobody installed.
    paths = (str(Path(recorder.__file__).parent.parent), os.environ.get("PYTHONPATH"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
    return environment | ({AUTH_VARIABLE: options.proxy_auth} if options.proxy_auth else {})


def _arguments(options: ServeOptions, specs: tuple[str, ...]) -> list[str]:
    pairs = [
        *(("--mode", spec) for spec in specs),
        ("--db", str(options.db)),
        *((("--via", options.via),) if options.via else ()),
        *(("--direct", host) for host in options.direct),
        *(("--allow-host", pattern) for pattern in options.allow_hosts),
        *(("--set", f"{name}={value}") for name, value in options.settings.items()),
    ]
    names = ("keys", "route", "limit", "allow_remote")
    flags = [f"--{name.replace('_', '-')}" for name in names if getattr(options, name)]
    return [*(word for pair in pairs for word in pair), *flags, "--parent-pipe"]


class _Lines:
    """Reads both outputs of the proxy, so that it never waits for us; nothing of it disturbs the client's terminal."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self.first: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.errors: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
        self._threads = [
            threading.Thread(target=self._read_output, args=(process.stdout,), daemon=True),
            threading.Thread(target=self._read_errors, args=(process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Wait until all is read; the process has ended."""
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _read_output(self, stream: IO[bytes]) -> None:
        with stream:
            self.first.put(stream.readline())
            for _ in stream:
                pass

    def _read_errors(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self.errors.append(line.decode("utf-8", "replace").rstrip())


def _wait_until_ready(process: subprocess.Popen[bytes], lines: _Lines) -> Ready:
    try:
        line = lines.first.get(timeout=START_SECONDS)
    except queue.Empty:
        raise RecorderError(f"the proxy did not listen within {START_SECONDS:.0f} s; run `recorder doctor`") from None
    if line:
        try:
            return msgspec.json.decode(line, type=Ready)
        except msgspec.DecodeError:
            raise RecorderError("the proxy said something else than where it listens; run `recorder doctor`") from None
    code = process.wait()
    lines.close()
    said = lines.errors[-1].removeprefix("recorder: ") if lines.errors else f"exit code {code}, without a word"
    raise (ConfigError if code == 2 else RecorderError)(f"the proxy did not start: {said}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    if process.poll() is None:
        process.terminate()
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
