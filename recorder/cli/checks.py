"""What doctor looks at. A check says what it found, whether that is right, and the remedy when it is not."""

import importlib.metadata
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from recorder.capture.key_ring import read_ring
from recorder.capture.run import known_values
from recorder.capture.signing_keys import read_signing_keys
from recorder.cli import bypass
from recorder.cli.child import find_program
from recorder.cli.claude_settings import ClaudeSettings
from recorder.cli.mode import choose_mode
from recorder.cli.upstreams import Upstream, find_upstreams
from recorder.config import AnchorSettings, RedactSettings, Settings
from recorder.errors import ConfigError, RecorderError
from recorder.store import driver
from recorder.store.database import open_reader

OLDEST_PYTHON = (3, 12)
MITMPROXY = ((12, 2), (13,))
"""From the first, up to and without the second."""


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """Works, with a risk or a restriction that one should know."""
    WRONG = "wrong"


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    found: str
    remedy: str | None = None


def installation() -> Iterator[Check]:
    """Check what the recorder runs on."""
    yield _judge(
        "Python", sys.version_info >= OLDEST_PYTHON, _dotted(sys.version_info[:3]), "install Python 3.12 or newer"
    )
    yield _mitmproxy()
    version, fixed = driver.sqlite_version, _dotted(driver.FIXED_VERSION)
    if driver.sqlite_version_info >= driver.FIXED_VERSION:
        yield Check("SQLite", Verdict.OK, version)
    else:
        found = f"{version}: has the WAL-reset bug, which can corrupt a database that several recorders write"
        remedy = f"install pysqlite3 (its wheel brings SQLite >= {fixed}), or let only one recorder write a database"
        yield Check("SQLite", Verdict.WARNING, found, remedy)
    ca = Path("~/.mitmproxy/mitmproxy-ca-cert.pem").expanduser()
    yield Check("CA", Verdict.OK, str(ca) if ca.is_file() else f"{ca}: not there yet; the first start makes it")


def database(path: Path) -> Iterator[Check]:
    """Check the database: that it can be read, is private and in WAL mode."""
    if not path.exists():
        yield Check("database", Verdict.OK, f"{path}: not there yet; the first recording makes it")
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    # Windows has no such modes; there the user's folder is private.
    private = os.name == "nt" or mode & 0o077 == 0
    yield _judge("database", private, f"{path}, mode {mode:04o}", f"others can read it: chmod 600 '{path}'")
    try:
        reader = open_reader(path)
    except RecorderError as error:
        yield Check("journal mode", Verdict.WRONG, str(error), "name another database with --db")
        return
    try:
        journal = reader.journal_mode
    finally:
        reader.close()
    yield _judge("journal mode", journal == "wal", journal, "record into it once: the recorder sets WAL mode")


def redaction(settings: RedactSettings) -> Check:
    """Check that what the configuration says about secrets can be used."""
    try:
        known = known_values(settings)
    except RecorderError as error:
        return Check("redaction", Verdict.WRONG, str(error), "correct [redact] of the configuration; nothing starts")
    counts = f"{len(known)} known values, {len(settings.rule)} rules, {len(settings.allow)} allowed"
    return Check("redaction", Verdict.OK, f"{counts}; images: {settings.images}; outbound: {settings.outbound}")


def anchors(configured: Sequence[AnchorSettings], path: Path) -> Iterator[Check]:
    """Check that each anchor took its last checkpoint."""
    if not configured:
        return
    from recorder.anchor.anchoring import last_outcomes  # noqa: PLC0415 -- not needed where there is none

    try:
        outcomes = last_outcomes(path) if path.exists() else {}
    except RecorderError as error:
        yield Check("anchors", Verdict.WRONG, str(error), "name another database with --db")
        return
    for one in configured:
        last = outcomes.get(one.name)
        if last is None:
            found = "nothing was put there yet; `recorder anchor now` does"
            yield Check(f"anchor {one.name}", Verdict.OK, found)
        elif last["event"] == "failed":
            found = f"failed since {last['at_utc']}: {last['reason']}"
            yield Check(f"anchor {one.name}", Verdict.WARNING, found, "mend it, then `recorder anchor now`")
        else:
            yield Check(f"anchor {one.name}", Verdict.OK, f"{last['size']} records on {last['at_utc']}")


def redaction_key(folder: Path) -> Check:
    """Check that the file of the redaction keys in `folder` can be used; none is made by looking."""
    try:
        ring = read_ring(folder)
    except ConfigError as error:
        return Check("redaction key", Verdict.WRONG, str(error), "until then nothing can be recorded")
    if ring is None:
        return Check("redaction key", Verdict.OK, f"{folder}: not there yet; the first recording makes it")
    kept = f", {len(ring.keys) - 1} kept from before" if ring.keys[1:] else ""
    return Check("redaction key", Verdict.OK, f"{ring.current.id} of {ring.current.made_utc}{kept}")


def signing_key(folder: Path) -> Check:
    """Check that the key that signs checkpoints can be used; none is made by looking."""
    try:
        keys = read_signing_keys(folder)
    except ConfigError as error:
        # Recording goes on; what went unsigned is noted by the next signature.
        return Check("signing key", Verdict.WARNING, str(error), "until then records go without a signature")
    if keys is None:
        return Check("signing key", Verdict.OK, f"{folder}: not there yet; the first recording makes it")
    return Check("signing key", Verdict.OK, f"public key {keys.key.public.hex()}")


def connection(settings: Settings, claude: ClaudeSettings, shell: Mapping[str, str]) -> Iterator[Check]:
    """Check how a client that is started here is connected, and from where it knows that."""
    program = find_program("claude", shell.get("PATH"))
    missing = Check("Claude Code", Verdict.WARNING, "not found in PATH", "install it, or give its path to recorder run")
    yield Check("Claude Code", Verdict.OK, program) if program else missing
    for problem in claude.problems:
        yield Check("settings file", Verdict.WARNING, problem, "correct it; Claude Code leaves it out")
    env = claude.environment(shell)
    try:
        upstreams = find_upstreams(env, settings.upstream)
        mode, reason = choose_mode(None, upstreams, env, claude.managed())
    except RecorderError as error:
        yield Check("base URL", Verdict.WRONG, str(error), "correct the variable where it is set")
        return
    for upstream in upstreams:
        yield Check(f"{upstream.setup.name} base URL", Verdict.OK, _whence(upstream, claude, shell))
    yield Check("way to capture", Verdict.OK, reason or f"{mode}: base URLs point at the recorder")
    yield _exceptions(env, claude)


def _mitmproxy() -> Check:
    version = importlib.metadata.version("mitmproxy")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    oldest, too_new = MITMPROXY
    remedy = f"install mitmproxy >= {_dotted(oldest)}, < {_dotted(too_new)}"
    return _judge("mitmproxy", oldest <= numbers < too_new, version, remedy)


def _whence(upstream: Upstream, claude: ClaudeSettings, shell: Mapping[str, str]) -> str:
    variable = upstream.setup.variable
    source = claude.origin(variable)
    urls = ", ".join(upstream.urls)
    if upstream.redirected:
        return f"{urls} (the recorder's setting `upstream`)"
    if source:
        return f"{urls} ({variable} in {source})"
    return f"{urls} ({variable} in the environment)" if shell.get(variable) else f"{urls} (default)"


def _exceptions(env: Mapping[str, str], claude: ClaudeSettings) -> Check:
    proxy, exceptions = bypass.proxy_in_force(env), bypass.no_proxy(env)
    if proxy is None:
        return Check("proxy", Verdict.OK, f"none; NO_PROXY: {exceptions or 'not set'}")
    source = next((at for name in bypass.PROXY_VARIABLES if (at := claude.origin(name))), "the environment")
    found = f"one is set in {source}; NO_PROXY: {exceptions or 'not set'}"
    loopback = bypass.is_excepted("http://127.0.0.1:8787", exceptions)
    remedy = "recorder run adds 127.0.0.1 by itself; for recorder start, add it to NO_PROXY"
    return Check("proxy", Verdict.OK if loopback else Verdict.WARNING, found, None if loopback else remedy)


def _judge(name: str, good: bool, found: str, remedy: str) -> Check:
    return Check(name, Verdict.OK, found) if good else Check(name, Verdict.WRONG, found, remedy)


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
