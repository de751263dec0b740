"""Where the client's requests would go without us: the base URL in force for each provider.

`--upstream URL` replaces it for Messages and for every provider that is selected: it is the base URL of whatever the
client talks to. Cloud providers sit under a path of their own in a gateway; when URL has no path and the base URL that
it replaces has one (`https://gateway/bedrock`), the path stays.
"""

from urllib.parse import urlsplit

import msgspec

from recorder.cli.providers import MESSAGES, PROVIDERS, Env, ProviderSetup
from recorder.errors import ConfigError


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """One provider that the client may talk to."""

    setup: ProviderSetup
    urls: tuple[str, ...]
    """Base URLs with scheme, host and path; more than one when models live in several regions."""
    selected: bool
    """The client is told to use it (Messages always counts as selected)."""
    redirected: bool = False
    """`--upstream` names it."""

    @property
    def origin(self) -> str:
        """`scheme://host:port` of the first base URL."""
        return origin(self.urls[0])

    @property
    def path(self) -> str:
        """Path of the first base URL, without a slash at its end."""
        return urlsplit(self.urls[0]).path.rstrip("/")


def find_upstreams(env: Env, override: str | None = None) -> tuple[Upstream, ...]:
    """Return Messages and every other provider that is selected or named in `env`, the environment in force.

    Raises ConfigError for a base URL that is none, and for a selected provider whose address cannot be known.
    """
    found = (_find(setup, env, override) for setup in PROVIDERS)
    return tuple(upstream for upstream in found if upstream)


def origin(url: str) -> str:
    """Return `scheme://host:port` of a URL, the port always there: the form of mitmproxy's reverse mode."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def check_url(url: str, name: str) -> str:
    """Return a base URL without blanks and slashes around; ConfigError when it is none, without its user or query."""
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ConfigError(f"{name}: not a base URL; give http(s)://HOST[:PORT][/PATH]")
    if parts.username or parts.query or parts.fragment:
        raise ConfigError(f"{name}: a base URL for {parts.hostname} has no user, query or fragment; remove them")
    return url


def _find(setup: ProviderSetup, env: Env, override: str | None) -> Upstream | None:
    selected = setup.is_selected(env)
    named = env.get(setup.variable, "").strip()
    if not (selected or named):
        return None
    if override and selected:
        return Upstream(setup=setup, urls=(_redirect(setup, override, named),), selected=True, redirected=True)
    urls = (check_url(named, setup.variable),) if named else setup.defaults(env)
    if not urls:
        raise ConfigError(f"{setup.select} is on, but where {setup.name} is cannot be known; set {setup.variable}")
    return Upstream(setup=setup, urls=urls, selected=selected)


def _redirect(setup: ProviderSetup, override: str, named: str) -> str:
    url = check_url(override, "--upstream")
    if setup is MESSAGES or urlsplit(url).path or not named:
        return url
    return url + urlsplit(check_url(named, setup.variable)).path
