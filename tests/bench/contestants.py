"""What stands between client and provider: how each is started, and what it says it has recorded."""

import contextlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from tests.bench.bodies import MODEL
from tests.bench.load import KEY
from tests.e2e.gateway import MASTER_KEY
from tests.e2e.installs import CHECKOUT
from tests.e2e.processes import bare_environment

RULES = CHECKOUT / ".venv" / "cache"
"""Compiled detectors, kept between starts as they are for a user; the tests' place too."""


class Plan(msgspec.Struct, frozen=True):
    """How to start one: its folder is its HOME and holds all it writes."""

    words: list[str]
    env: Mapping[str, str]
    db: Path | None = None


class Contestant(msgspec.Struct, frozen=True):
    """One row of the tables."""

    name: str
    plan: Callable[[Path, int, int], Plan] | None = None
    """From its folder, the port to listen on and the provider's port; None: there is nothing in between."""
    token: str = KEY
    count: str = ""
    """The question to its database that counts what is recorded whole."""
    is_transparent: bool = True
    """Whether it must pass on every byte unchanged."""
    is_variant: bool = False
    """Whether it differs from another one in speed alone: it takes part in the rounds and in nothing else."""
    is_peer: bool = False
    """Whether it is somebody else's program, which is left out when it fails."""
    start_seconds: float = 60


type LeaveOut = Callable[[Contestant, str, BaseException], None]
"""Takes note of a peer that failed in a part of the run; raises the failure of one that is none."""


def _env(folder: Path, **settings: str) -> dict[str, str]:
    path = os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "addons")])
    return bare_environment(folder, PYTHONPATH=path, XDG_CACHE_HOME=str(RULES), **settings)


def _mitmdump(folder: Path, port: int, provider: int, script: Path, *words: str) -> Plan:
    program = str(Path(sys.executable).with_name("mitmdump"))
    options = ["--listen-host", "127.0.0.1", "-p", str(port), "--set", f"confdir={folder / 'conf'}", *words]
    mode = ["--mode", f"reverse:http://127.0.0.1:{provider}"]
    return Plan([program, "-q", "-s", str(script), *mode, *options], _env(folder), folder / "record.db")


def _base(folder: Path, port: int, provider: int) -> Plan:
    return _mitmdump(folder, port, provider, Path(__file__).with_name("base.py"))


def _audit(folder: Path, port: int, provider: int) -> Plan:
    words = ["--set", f"recorder_db={folder / 'record.db'}"]
    return _mitmdump(folder, port, provider, CHECKOUT / "addons" / "audit.py", *words)


def _start(folder: Path, port: int, provider: int) -> Plan:
    words = [sys.executable, str(CHECKOUT / "addons" / "serve.py")]
    words += ["--mode", f"reverse:http://127.0.0.1:{provider}@127.0.0.1:{port}", "--db", str(folder / "record.db")]
    return Plan([*words, "--set", f"confdir={folder / 'conf'}"], _env(folder), folder / "record.db")


def _plain(folder: Path, port: int, provider: int) -> Plan:
    plan = _start(folder, port, provider)
    return msgspec.structs.replace(plan, words=[*plan.words, "--no-fast"])


def _litellm(program: Path, folder: Path, port: int, provider: int) -> Plan:
    upstream = f"http://127.0.0.1:{provider}"
    parameters = {"model": f"anthropic/{MODEL}", "api_base": upstream, "api_key": KEY}
    config = {
        "model_list": [{"model_name": MODEL, "litellm_params": parameters}],
        "general_settings": {"master_key": MASTER_KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
    }
    (folder / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "DISABLE_ADMIN_UI": "True"}
    words = [str(program), "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    env = bare_environment(folder, **quiet, NO_DOCS="True", LITELLM_LOG="ERROR")
    return Plan([*words, "--telemetry", "False"], env)


def _claude_tap(program: Path, folder: Path, port: int, provider: int) -> Plan:
    words = [str(program), "--tap-no-launch", "--tap-no-live", "--tap-no-open", "--tap-host", "127.0.0.1"]
    words += ["--tap-port", str(port), "--tap-target", f"http://127.0.0.1:{provider}"]
    return Plan(words, bare_environment(folder, CLOUDTAP_DB=str(folder / "record.db")), folder / "record.db")


CLOSED = "SELECT count(*) FROM interactions WHERE closed_seq IS NOT NULL AND state = 'complete'"
DIRECT = Contestant("direct")
BASE = Contestant("mitmdump", _base)
AUDIT = Contestant("mitmdump + audit", _audit, count=CLOSED)
START = Contestant("recorder start", _start, count=CLOSED)
PLAIN = Contestant("recorder start, plain", _plain, count=CLOSED, is_variant=True)
OWN = (DIRECT, BASE, AUDIT, START, PLAIN)
FAILURES = (AssertionError, ExceptionGroup, OSError)
"""What a contestant raises that does not do its part; a peer is left out then."""
CLAUDE_TAP = "claude-tap"
"""The peer that is a recorder too: the one to be ahead of."""


def claude_tap(program: Path) -> Contestant:
    """Return the peer that is a recorder too."""

    def plan(folder: Path, port: int, provider: int) -> Plan:
        return _claude_tap(program, folder, port, provider)

    return Contestant(CLAUDE_TAP, plan, count="SELECT count(*) FROM records", is_peer=True)


def litellm(program: Path) -> Contestant:
    """Return the peer that is a gateway: it writes the stream anew, and keeps nothing."""

    def plan(folder: Path, port: int, provider: int) -> Plan:
        return _litellm(program, folder, port, provider)

    return Contestant("LiteLLM", plan, MASTER_KEY, is_transparent=False, is_peer=True, start_seconds=180)


def recorded(db: Path, question: str) -> int:
    """Ask a database a question whose answer is a number; it may be one that is being written."""
    with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=30)) as connection:
        (number,) = connection.execute(question).fetchone()
    return int(number)
