"""The choice between the two ways to capture: reverse (base URLs point at us) and forward proxy.

Reverse is the default: it needs no certificate. What it cannot do is chosen for, with a notice: requests that are
signed for their host, models in several regions, base URLs that managed policy fixes.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from recorder.cli.upstreams import Upstream
from recorder.errors import ConfigError

type Mode = Literal["reverse", "proxy"]


def choose_mode(
    asked: Mode | None, upstreams: Sequence[Upstream], env: Mapping[str, str], managed: Mapping[str, str]
) -> tuple[Mode, str | None]:
    """Return the mode and, when it is not the default one, a sentence that says why.

    `env` is the environment in force, `managed` what policy sets. Raises ConfigError when the mode that was asked for
    would not record everything.
    """
    reason = next((found for upstream in upstreams if (found := _obstacle(upstream, env, managed))), None)
    if asked == "proxy" or (asked is None and reason is None):
        return asked or "reverse", None
    if asked == "reverse" and reason is not None:
        raise ConfigError(f"{reason}; use --mode proxy")
    if reason is None:
        return "reverse", None
    return "proxy", f"{reason}; recording as a forward proxy"


def _obstacle(upstream: Upstream, env: Mapping[str, str], managed: Mapping[str, str]) -> str | None:
    setup = upstream.setup
    if setup.variable in managed:
        return f"managed policy sets {setup.variable}, which no base URL of ours can replace: it bypasses the recorder"
    if not upstream.selected:
        return None
    if setup.is_signed(env):
        return f"{setup.name} requests are signed for their host (SigV4), so a base URL of ours would break them"
    if len(upstream.urls) > 1:
        return f"{setup.name} models live in several regions, which one base URL cannot reach"
    return None
