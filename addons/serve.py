"""The recorder's own proxy: mitmproxy's public classes with only the addons that a recorder needs, and ours.

A program, not an addon: `recorder start` and `recorder run` start it and read one JSON line from its standard output,
`{"listening": [{"mode", "host", "port"}, ...], "run_id", "ca"}`. Exit codes: 0 after a stop, 1 when it could not
start, 2 for a wrong setting. Fewer addons on the path of every chunk than mitmdump has make it quicker.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fast
import lean
from audit import Audit
from guard import Guard
from joining import Joining
from mitmproxy import ctx, exceptions
from mitmproxy.options import Options
from via import Via

if TYPE_CHECKING:
    from mitmproxy.master import Master  # which brings mitmproxy's addons with it: see `lean`

SILENCE_SECONDS = 3600
"""A model may think for long without a byte on the wire; mitmproxy would cut the connection after 600 s."""

SETTLED_SECONDS = 0.3
"""How long after the start all that stays is there, and the writer process is still busy with its own start."""

AUTH_VARIABLE = "RECORDER_PROXY_AUTH"
"""Holds `user:password` for the corporate proxy: arguments of a process can be read by others."""


def main() -> int:
    """Run the proxy until it is told to stop; return the exit code."""
    arguments = _parse(sys.argv[1:])
    logging.basicConfig(level=logging.WARNING, format="recorder: %(message)s", stream=sys.stderr)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_serve(arguments))
    except exceptions.OptionsError as error:
        print(f"recorder: {error}", file=sys.stderr)  # noqa: T201 -- a program's word to its user
        return 2
    return 0


def _parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="serve.py", description=__doc__)
    parser.add_argument("--mode", action="append", required=True, help="mitmproxy mode with its listen address")
    parser.add_argument("--db", help="path of the database")
    parser.add_argument("--via", help="corporate proxy that reverse mode goes through, http://HOST:PORT")
    parser.add_argument("--direct", action="append", default=[], metavar="HOST", help="reached without that proxy")
    parser.add_argument("--allow-host", action="append", default=[], help="pattern of hosts that are decrypted")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any mitmproxy option")
    parser.add_argument(
        "--fast",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="shorter ways through mitmproxy where they are known to work",
    )
    parser.add_argument("--route", action="store_true", help="send requests where recorder.toml's rules say")
    parser.add_argument("--limit", action="store_true", help="hold to recorder.toml's budgets and rates")
    parser.add_argument("--keys", action="store_true", help="mind the recorder's own keys")
    parser.add_argument("--allow-remote", action="store_true", help="let other machines use the recorder")
    parser.add_argument("--parent-pipe", action="store_true", help="stop when standard input ends")
    return parser.parse_args(words)


async def _serve(arguments: argparse.Namespace) -> None:
    master = _master(is_fast=arguments.fast)
    audit = Audit(release_bodies=True)
    via = Via(arguments.via, arguments.direct, os.environ.pop(AUTH_VARIABLE, None))
    ours = [Guard(allow_remote=arguments.allow_remote), audit, *_configured(arguments), via]
    ours += [Joining()] if arguments.fast else []
    master.addons.add(*_addons(ours))
    settings: dict[str, Any] = {
        "mode": arguments.mode,
        "connection_strategy": "lazy",
        "tcp_timeout": SILENCE_SECONDS,
        "allow_hosts": arguments.allow_host,
    }
    if arguments.db:
        settings["recorder_db"] = arguments.db
    # Ours first: what a listener needs is told by them.
    master.options.set(*(word for word in arguments.set if word.startswith("recorder_")), defer=True)
    master.options.update(**settings)
    master.options.set(*(word for word in arguments.set if not word.startswith("recorder_")), defer=True)
    _refuse_unknown(master.options)
    master.addons.add(_Announcement(audit))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, master.shutdown)
    if arguments.parent_pipe:
        _stop_with_parent(master)
    loop.call_later(SETTLED_SECONDS, _settle)
    await master.run()


def _settle() -> None:
    """Have the collector leave alone what is there now, and stays.

    To look at all of it again, as it does every few thousand answers, would stall every stream for 70 to 90 ms.
    """
    gc.collect()
    gc.freeze()


def _master(*, is_fast: bool) -> "Master":
    if is_fast and fast.install():
        lean.one_by_one()
        from hook_table import QuickMaster  # noqa: PLC0415 -- only where mitmproxy is as it was for its author

        return QuickMaster(Options())
    from mitmproxy.master import Master  # noqa: PLC0415 -- see above

    return Master(Options())


def _configured(arguments: argparse.Namespace) -> list[object]:
    """Return the addons that the configuration asks for: what is not configured is not there."""
    found: list[object] = []
    if arguments.keys:
        from access import Access  # noqa: PLC0415

        found.append(Access())
    if arguments.route:
        from credentials import Credentials  # noqa: PLC0415
        from health import Health  # noqa: PLC0415
        from route import Route  # noqa: PLC0415

        found += [Route(), Health(), Credentials()]
    if arguments.limit or arguments.keys:  # keys can have budgets, also those that are made later
        from limits import Limits  # noqa: PLC0415

        found.append(Limits())
    return found


def _addons(ours: list[object]) -> list[object]:
    """Return all addons in their order: what mitmproxy needs to speak HTTP, then ours."""
    from mitmproxy.addons import (  # noqa: PLC0415 -- after `lean.one_by_one`
        core,
        disable_h2c,
        errorcheck,
        next_layer,
        proxyserver,
        tlsconfig,
    )

    return [
        core.Core(),
        disable_h2c.DisableH2C(),
        proxyserver.Proxyserver(),
        next_layer.NextLayer(),
        tlsconfig.TlsConfig(),
        *ours,
        errorcheck.ErrorCheck(),
    ]


def _refuse_unknown(options: Options) -> None:
    # mitmproxy keeps a --set that no addon claims for an addon to come. None comes here.
    if options.deferred:
        raise exceptions.OptionsError(f"--set {next(iter(options.deferred))}: no such option")


class _Announcement:
    """Says where the proxy listens, once it records. Comes last, so that what it says is true."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def running(self) -> None:
        self._task = asyncio.create_task(self._announce())

    async def _announce(self) -> None:
        run_id = await self._audit.ready()
        if run_id is None:
            return  # the record could not be opened: the audit addon ends the process with that error
        servers = ctx.master.addons.get("proxyserver").servers
        listening = [
            {"mode": server.mode.full_spec, "host": host, "port": port}
            for server in servers
            for host, port, *_ in server.listen_addrs
        ]
        print(  # noqa: T201 -- the program's one line of output
            json.dumps({"listening": listening, "run_id": run_id, "ca": _authority()}), flush=True
        )


def _authority() -> str:
    return str(Path(ctx.options.confdir).expanduser() / "mitmproxy-ca-cert.pem")


def _stop_with_parent(master: "Master") -> None:
    """Stop when standard input ends: the program that started us is gone."""

    def on_input() -> None:
        with contextlib.suppress(OSError):
            if os.read(sys.stdin.fileno(), 4096):
                return
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        master.shutdown()

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), on_input)


if __name__ == "__main__":
    sys.exit(main())
