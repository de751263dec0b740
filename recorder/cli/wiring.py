"""From the upstreams and the mode: what the proxy has to listen for, and what the client's environment has to be."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from recorder.cli import bypass
from recorder.cli.mode import Mode
from recorder.cli.providers import HOST_PATTERNS, Env
from recorder.cli.upstreams import Upstream, origin
from recorder.errors import ConfigError


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """How client, recorder and providers are connected."""

    mode: Mode
    upstreams: tuple[Upstream, ...]
    specs: tuple[str, ...]
    """mitmproxy's modes without their listen address: a reverse one for each origin, or a single forward one."""
    via: str | None = None
    """The corporate proxy that reverse listeners go through, without its credentials."""
    direct: tuple[str, ...] = ()
    """Hosts that are not reached through the corporate proxy, although others are."""
    proxy_auth: str | None = None
    """`user:password` for the corporate proxy."""
    allow_hosts: tuple[str, ...] = ()
    """Patterns of `host:port` whose traffic a forward proxy decrypts."""

    def environment(self, addresses: Mapping[str, str], env: Env, ca: Path, scheme: str = "http") -> dict[str, str]:
        """Return what to change in the client's environment; an empty value means that the variable must not be set.

        `addresses` has the `host:port` of the listener for each of `specs`, `scheme` how they are spoken to; `ca` is a
        file of certificates that the client must trust in addition, in proxy mode.
        """
        if self.mode == "proxy":
            return self._proxy_environment(f"{scheme}://{addresses[self.specs[0]]}", env, ca)
        changes = _exceptions(bypass.with_loopback(bypass.no_proxy(env)))
        for upstream in self.upstreams:
            address = addresses[f"reverse:{upstream.origin}"]
            changes[upstream.setup.variable] = f"{scheme}://{address}{upstream.path}"
            changes |= dict.fromkeys(upstream.setup.instead, "")
        return changes

    def _proxy_environment(self, url: str, env: Env, ca: Path) -> dict[str, str]:
        urls = [url for upstream in self.upstreams for url in upstream.urls]
        changes = dict.fromkeys(bypass.PROXY_VARIABLES, url)
        changes |= _exceptions(bypass.without(bypass.no_proxy(env), urls))
        changes["NODE_EXTRA_CA_CERTS"] = str(ca)
        for upstream in self.upstreams:
            if upstream.redirected:
                changes[upstream.setup.variable] = upstream.urls[0]
                changes |= dict.fromkeys(upstream.setup.instead, "")
        return changes


def wire(mode: Mode, upstreams: Sequence[Upstream], env: Env, routed: Sequence[str] = ()) -> Wiring:
    """Connect the upstreams, through the proxy that `env` (the environment in force) names, where it names one.

    `routed`: further base URLs, which rules may send requests to.
    """
    asked = [url for upstream in upstreams for url in upstream.urls]
    urls = [*asked, *routed]
    proxy = bypass.proxy_in_force(env)
    behind = [url for url in urls if bypass.proxy_for(url, env)]
    address, auth = _split_proxy(proxy) if proxy and behind else (None, None)
    hosts = (urlsplit(url).hostname or "" for url in urls if url not in behind) if address else ()
    direct = tuple(dict.fromkeys(hosts))
    upstreams = tuple(upstreams)
    if mode == "proxy":
        specs: tuple[str, ...] = (f"upstream:{address}" if address else "regular",)
        allow = (*HOST_PATTERNS, *dict.fromkeys(_pattern(url) for url in asked))
        return Wiring(mode=mode, upstreams=upstreams, specs=specs, direct=direct, proxy_auth=auth, allow_hosts=allow)
    specs = tuple(dict.fromkeys(f"reverse:{upstream.origin}" for upstream in upstreams))
    return Wiring(mode=mode, upstreams=upstreams, specs=specs, via=address, direct=direct, proxy_auth=auth)


def find_pinned(changes: Mapping[str, str], managed: Mapping[str, str]) -> list[str]:
    """Return the variables that have to change but that managed policy sets to something else."""
    return [name for name, value in changes.items() if name in managed and managed[name] != value]


def _exceptions(value: str) -> dict[str, str]:
    # Both spellings: a program that reads only the other one would not see the change.
    return {"NO_PROXY": value, "no_proxy": value}


def _pattern(url: str) -> str:
    return f"^{re.escape(urlsplit(origin(url)).netloc)}$"


def _split_proxy(url: str) -> tuple[str, str | None]:
    """Return a proxy's URL without its credentials, and these: an argument of a process can be read by others."""
    parts = urlsplit(url)
    try:
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ConfigError("the proxy that HTTPS_PROXY or HTTP_PROXY names is not http(s)://HOST:PORT; correct it")
    auth = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    return urlunsplit((*urlsplit(origin(url))[:2], "", "", "")), auth
