"""Which proxy is in force for an address, and the NO_PROXY lists that say what goes past it."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")
"""In the order in which Claude Code asks them, whatever the address's scheme (2.1.197, November 2026)."""

LOOPBACK = "127.0.0.1"


def proxy_in_force(env: Mapping[str, str]) -> str | None:
    """Return the proxy's URL, with a scheme; None when the environment names none."""
    value = next((env[name] for name in PROXY_VARIABLES if env.get(name)), None)
    if value is None:
        return None
    return value if "://" in value else f"http://{value}"


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """Return the proxy that a client would go through to reach `url`; None: it goes there directly."""
    return None if is_excepted(url, no_proxy(env)) else proxy_in_force(env)


def no_proxy(env: Mapping[str, str]) -> str:
    """Return the list in force, as it stands: `no_proxy` hides `NO_PROXY`."""
    return env.get("no_proxy") or env.get("NO_PROXY") or ""


def is_excepted(url: str, exceptions: str) -> bool:
    """Say whether a NO_PROXY list names the host of `url`."""
    return any(_matches(entry, url) for entry in _entries(exceptions))


def with_loopback(exceptions: str) -> str:
    """Return the list with 127.0.0.1 in it."""
    if is_excepted(f"http://{LOOPBACK}:1", exceptions):
        return exceptions
    return f"{exceptions},{LOOPBACK}" if exceptions else LOOPBACK


def without(exceptions: str, urls: Iterable[str]) -> str:
    """Return the list without the entries that would take one of `urls` past the proxy; its form is kept if it can."""
    hosts = list(urls)
    kept = [entry for entry in _entries(exceptions) if not any(_matches(entry, url) for url in hosts)]
    return exceptions if len(kept) == len(_entries(exceptions)) else ",".join(kept)


def _entries(exceptions: str) -> list[str]:
    return [entry for entry in re.split(r"[\s,]+", exceptions) if entry]


def _matches(entry: str, url: str) -> bool:
    """Match as widely as any of the client's own readings does: `*`, `host`, `host:port`, `.suffix`, `*.suffix`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    entry = entry.lower()
    if entry == "*":
        return True
    name, _, wanted = entry.rpartition(":") if re.search(r":\d+$", entry) else (entry, "", "")
    if wanted and int(wanted) != port:
        return False
    name = name.strip("[]").removeprefix("*")
    return host == name.removeprefix(".") or (name.startswith(".") and host.endswith(name))
