"""From the settings and the environment to a running proxy: what `run` and `start` have in common."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from recorder.cli.addons_dir import serve_command
from recorder.cli.claude_settings import ClaudeSettings
from recorder.cli.mode import Mode, choose_mode
from recorder.cli.proxy_process import ProxyProcess, ServeOptions, running_proxy
from recorder.cli.trust import upstream_options
from recorder.cli.upstreams import find_upstreams
from recorder.cli.wiring import Wiring, wire
from recorder.config import Settings, find_file
from recorder.limits.limits_file import has_limits, load_limits
from recorder.policy.policy import Policy
from recorder.routing.policy_file import has_policy, load_policy

_LABELS = ("project", "user", "team", "branch")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What will be recorded and how, before anything is started."""

    wiring: Wiring
    env: dict[str, str]
    """The client's environment in force, its settings files included."""
    is_routed: bool = False
    """The configuration has something to say about where requests go."""
    use: str | None = None
    """The upstream that comes before all its rules."""
    is_limited: bool = False
    """It has budgets or rates."""
    allow_remote: bool = False
    """Listen where other machines can come."""
    minds_keys: bool = False
    """Asks clients for the recorder's own keys, or takes them from their hands."""
    notices: tuple[str, ...] = ()


def make_plan(
    asked: Mode | None,
    settings: Settings,
    claude: ClaudeSettings,
    shell: Mapping[str, str],
    config: Path | None = None,
) -> Plan:
    """Find the upstreams, choose the mode, connect both. Raises ConfigError for what cannot be recorded."""
    file = find_file(config, shell)
    is_routed = has_policy(file)
    is_limited = has_limits(file) and load_limits(file).is_active
    policy = load_policy(file, settings.db).policy if is_routed else Policy()
    env = claude.environment(shell)
    upstreams = find_upstreams(env, settings.upstream)
    mode, reason = choose_mode(asked, upstreams, env, claude.managed())
    notices = [f"{problem}; Claude Code leaves it out as well" for problem in claude.problems]
    return Plan(
        wiring=wire(mode, upstreams, env, [upstream.url for upstream in policy.upstreams.values()]),
        is_routed=is_routed,
        is_limited=is_limited,
        env=env,
        notices=(*notices, *([reason] if reason else [])),
    )


@contextlib.contextmanager
def recording(
    plan: Plan,
    settings: Settings,
    folder: Path,
    *,
    addresses: tuple[tuple[str, int], ...] | None = None,
    config: Path | None = None,
) -> Iterator[ProxyProcess]:
    """Run the proxy for a plan; `folder` is private and holds its certificates for as long as it runs."""
    wiring = plan.wiring
    options = ServeOptions(
        specs=wiring.specs,
        db=settings.db,
        addresses=addresses,
        via=wiring.via,
        direct=wiring.direct,
        allow_hosts=wiring.allow_hosts,
        proxy_auth=wiring.proxy_auth,
        route=plan.is_routed,
        limit=plan.is_limited,
        allow_remote=plan.allow_remote,
        keys=plan.minds_keys,
        settings={**_own_options(settings, config), **upstream_options(plan.env, folder), **_use(plan)},
    )
    with running_proxy(serve_command(), options) as proxy:
        yield proxy


def label(settings: Settings, project: str, branch: str | None) -> Settings:
    """Return the settings with labels where there are none."""
    return msgspec.structs.replace(settings, project=settings.project or project, branch=settings.branch or branch)


def client_environment(changes: Mapping[str, str], shell: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for the client: an empty change takes the variable out."""
    env = {name: value for name, value in shell.items() if changes.get(name, value)}
    return env | {name: value for name, value in changes.items() if value}


def _use(plan: Plan) -> dict[str, str]:
    return {"recorder_use": plan.use} if plan.use else {}


def _own_options(settings: Settings, config: Path | None) -> dict[str, str]:
    """Give what flags may have changed; the proxy reads the same file and environment for the rest."""
    options: dict[str, str] = {"recorder_on_failure": settings.on_failure}
    options |= {f"recorder_{name}": value for name in _LABELS if (value := getattr(settings, name))}
    if config:
        options["recorder_config"] = str(config)
    return options
