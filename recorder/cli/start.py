"""`recorder start`: the recorder in the foreground, for clients that are pointed at it by hand."""

import ipaddress
import os
import signal
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import click
import msgspec

from recorder.access.keys import has_keys
from recorder.access.listening import REMOTE
from recorder.cli.claude_settings import ClaudeSettings, read_settings
from recorder.cli.ending import ending_politely
from recorder.cli.mode import Mode
from recorder.cli.options import db_option, say, settings
from recorder.cli.providers import PROVIDERS
from recorder.cli.proxy_process import ProxyProcess
from recorder.cli.recording import Plan, make_plan, recording
from recorder.cli.trust import client_authorities
from recorder.cli.upstreams import origin
from recorder.config import config_dir
from recorder.errors import ConfigError, RecorderError

type Address = tuple[str, int]


@click.command()
@db_option
@click.option("--listen", metavar="HOST:PORT", help="Where to listen. [default: 127.0.0.1:8787]")
@click.option("--upstream", metavar="URL", help="Base URL to forward to. [default: as the client is set up now]")
@click.option("--mode", type=click.Choice(["reverse", "proxy"]), help="[default: reverse where it works]")
@click.option("--project", metavar="NAME", help="Record under this project.")
@click.option(
    "--allow-remote", is_flag=True, help="Let other machines in without TLS, and without keys when there are none."
)
@click.option("--on-failure", type=click.Choice(["block", "pass"]), help="What happens when recording fails.")
@click.pass_context
def command(ctx: click.Context, /, mode: Mode | None, *, allow_remote: bool, **flags: Any) -> None:
    """Record in the foreground until Ctrl-C; clients point at it.

    Forwards to what the environment and Claude Code's settings name, else to https://api.anthropic.com. Each further
    origin (a cloud provider beside Anthropic) gets the next port.
    """
    chosen = settings(ctx, **flags | {"db": flags["db"].resolve()})
    is_safe = chosen.tls_certificate is not None and has_keys(config_dir())
    first = parse_listen(chosen.listen, allow_remote=allow_remote or is_safe)
    is_remote = not ipaddress.ip_address(first[0]).is_loopback
    shell = without_self(os.environ, first)
    files = read_settings(shell, Path.cwd())
    plan = make_plan(mode, chosen, files, shell, ctx.find_object(Path))
    # With another listener than the loopback's, keys may be made while it runs.
    minds_keys = is_remote or chosen.require_key or has_keys(config_dir())
    plan = msgspec.structs.replace(plan, allow_remote=allow_remote, minds_keys=minds_keys)
    addresses = tuple((first[0], first[1] + at if first[1] else 0) for at in range(len(plan.wiring.specs)))
    for address in addresses:
        ensure_free(address)
    for notice in plan.notices:
        say(notice)
    with ending_politely(), tempfile.TemporaryDirectory(prefix="recorder-") as name:
        folder = Path(name)
        with recording(plan, chosen, folder, addresses=addresses, config=ctx.find_object(Path)) as proxy:
            say(f"recording to {chosen.db}; stop with Ctrl-C")
            scheme = "https" if is_remote and chosen.tls_certificate else "http"
            for line in instructions(plan, files, proxy, folder, scheme):
                say(line)
            code = _wait(proxy)
    for line in proxy.complaints:
        click.echo(line, err=True)
    if code:
        raise RecorderError(f"the proxy ended with exit code {code}; run `recorder doctor`")


def parse_listen(text: str, *, allow_remote: bool = False) -> Address:
    """Return host and port of `HOST:PORT`; ConfigError when it is none, or not on the loopback unless that is meant."""
    host, _, port = text.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        loopback, number = ipaddress.ip_address(host).is_loopback, int(port)
    except ValueError:
        raise ConfigError(f"--listen {text}: not HOST:PORT; give for example 127.0.0.1:8787") from None
    if not loopback and not allow_remote:
        raise ConfigError(f"--listen {text}: not an address of this machine alone: {REMOTE}")
    if not 0 <= number < 65536:
        raise ConfigError(f"--listen {text}: port {number} is not between 0 and 65535")
    return host, number


def ensure_free(address: Address) -> None:
    """Raise ConfigError when something listens on the address already."""
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {host}:{port}: {error.strerror}; stop what listens there (another recorder?) or "
                f"choose another port with --listen {host}:{port + 10}"
            ) from None


def without_self(shell: Mapping[str, str], listen: Address) -> dict[str, str]:
    """Return the environment without base URLs that point at the recorder itself: they would lead in a circle."""
    own = {origin(f"http://{host}:{listen[1]}") for host in (listen[0], "localhost", "127.0.0.1")}
    ours = {name for name in (setup.variable for setup in PROVIDERS) if _points_at(shell.get(name), own)}
    return {name: value for name, value in shell.items() if name not in ours}


def instructions(
    plan: Plan, files: ClaudeSettings, proxy: ProxyProcess, folder: Path, scheme: str = "http"
) -> list[str]:
    """Return the lines that say what to set in the client."""
    ca = client_authorities(Path(proxy.ready.ca), plan.env, folder)
    changes = plan.wiring.environment(proxy.addresses, plan.env, ca, scheme)
    if plan.wiring.mode == "proxy":
        names = ["HTTPS_PROXY", "NODE_EXTRA_CA_CERTS"]
    else:
        names = [upstream.setup.variable for upstream in plan.wiring.upstreams]
    lines = [f"set in the client: {' '.join(f'{name}={changes[name]}' for name in names)}"]
    empty = [name for name, value in changes.items() if not value and plan.env.get(name)]
    elsewhere = [f"{at} sets {name} and beats the shell: set it there" for name in names if (at := files.origin(name))]
    return [*lines, *(f"and unset {name}" for name in empty), *elsewhere, _where_to(plan)]


def _where_to(plan: Plan) -> str:
    targets = (f"{upstream.setup.name} goes to {', '.join(upstream.urls)}" for upstream in plan.wiring.upstreams)
    return "; ".join(targets)


def _points_at(value: str | None, own: set[str]) -> bool:
    if not value:
        return False
    try:
        return origin(value) in own
    except ValueError:
        return False


def _wait(proxy: ProxyProcess) -> int:
    """Wait for the proxy's end, which SIGINT and SIGTERM bring about; return its exit code."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        proxy.terminate()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return proxy.wait()
    finally:
        for number, action in before.items():
            signal.signal(number, action)
