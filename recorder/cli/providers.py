"""The providers that Claude Code can talk to: how each is selected, where it is, and whether its requests are signed.

From the settings table of Claude Code's documentation, checked against the program 2.1.332 (November 2026).
"""

import configparser
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

type Env = Mapping[str, str]

_TRUE = frozenset({"1", "true", "yes", "on"})
_VERTEX_REGION = "us-east5"


class ProviderSetup(msgspec.Struct, frozen=True, kw_only=True):
    """How Claude Code reaches one provider."""

    name: str
    variable: str
    """Holds the base URL."""
    select: str | None
    """Is on when Claude Code talks to this provider; None: it does unless another is selected."""
    defaults: Callable[[Env], tuple[str, ...]]
    """The base URLs without `variable`: several when models live in several regions, none when unknown."""
    unsigned: tuple[str, ...] = ()
    """Requests are signed for their host (SigV4) unless one of these is set; empty: they never are."""
    instead: tuple[str, ...] = ()
    """Variables that the client refuses beside `variable`."""

    def is_selected(self, env: Env) -> bool:
        """Say whether the client is told to use this provider."""
        return self.select is None or is_on(env, self.select)

    def is_signed(self, env: Env) -> bool:
        """Say whether the provider checks a signature that covers the host."""
        if not self.unsigned:
            return False
        return not any(is_on(env, name) if "_SKIP_" in name else env.get(name) for name in self.unsigned)


def is_on(env: Env, name: str) -> bool:
    """Read a switch as Claude Code does."""
    return env.get(name, "").strip().lower() in _TRUE


def aws_region(env: Env) -> str:
    """Return the AWS region: the environment's, the profile's in the AWS configuration, else us-east-1."""
    return env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or _profile_region(env) or "us-east-1"


def _profile_region(env: Env) -> str | None:
    home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    path = Path(env.get("AWS_CONFIG_FILE") or home / ".aws" / "config")
    profile = env.get("AWS_PROFILE") or "default"
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return None
    return parser.get("default" if profile == "default" else f"profile {profile}", "region", fallback=None)


def _anthropic(_env: Env) -> tuple[str, ...]:
    return ("https://api.anthropic.com",)


def _bedrock(env: Env) -> tuple[str, ...]:
    # The small fast model may live in a region of its own.
    regions = (aws_region(env), env.get("ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION"))
    return _distinct(f"https://bedrock-runtime.{region}.amazonaws.com" for region in regions if region)


def _mantle(env: Env) -> tuple[str, ...]:
    regions = (aws_region(env), env.get("ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION"))
    return _distinct(f"https://bedrock-mantle.{region}.api.aws/anthropic" for region in regions if region)


def _vertex(env: Env) -> tuple[str, ...]:
    own = (value for name, value in sorted(env.items()) if name.startswith("VERTEX_REGION_CLAUDE_") and value)
    regions = (env.get("CLOUD_ML_REGION") or _VERTEX_REGION, *own)
    return _distinct(f"https://{_vertex_host(region)}/v1" for region in regions)


def _vertex_host(region: str) -> str:
    if region == "global":
        return "aiplatform.googleapis.com"
    if region in ("us", "eu"):
        return f"aiplatform.{region}.rep.googleapis.com"
    return f"{region}-aiplatform.googleapis.com"


def _foundry(env: Env) -> tuple[str, ...]:
    resource = env.get("ANTHROPIC_FOUNDRY_RESOURCE")
    return (f"https://{resource}.services.ai.azure.com/anthropic",) if resource else ()


def _platform_on_aws(env: Env) -> tuple[str, ...]:
    # Unlike Bedrock's, this client does not read the AWS configuration file for its region.
    region = env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "us-east-1"
    return (f"https://aws-external-anthropic.{region}.api.aws",)


def _platform_on_google(env: Env) -> tuple[str, ...]:
    # A project that only Google's credentials name is not known here.
    project = env.get("ANTHROPIC_GOOGLE_CLOUD_PROJECT") or env.get("GOOGLE_CLOUD_PROJECT")
    workspace = env.get("ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID")
    place = f"locations/{env.get('ANTHROPIC_GOOGLE_CLOUD_LOCATION') or 'global'}"
    if not project or not workspace:
        return ()
    return (f"https://claude.googleapis.com/v1/projects/{project}/{place}/workspaces/{workspace}/invoke",)


def _distinct(urls: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(urls))


MESSAGES = ProviderSetup(name="Anthropic", variable="ANTHROPIC_BASE_URL", select=None, defaults=_anthropic)

PROVIDERS = (
    MESSAGES,
    ProviderSetup(
        name="Bedrock",
        variable="ANTHROPIC_BEDROCK_BASE_URL",
        select="CLAUDE_CODE_USE_BEDROCK",
        defaults=_bedrock,
        unsigned=("CLAUDE_CODE_SKIP_BEDROCK_AUTH", "AWS_BEARER_TOKEN_BEDROCK"),
    ),
    ProviderSetup(
        name="Bedrock Mantle",
        variable="ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
        select="CLAUDE_CODE_USE_MANTLE",
        defaults=_mantle,
        unsigned=("CLAUDE_CODE_SKIP_MANTLE_AUTH", "AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_BEDROCK_MANTLE_API_KEY"),
    ),
    ProviderSetup(
        name="Vertex",
        variable="ANTHROPIC_VERTEX_BASE_URL",
        select="CLAUDE_CODE_USE_VERTEX",
        defaults=_vertex,
    ),
    ProviderSetup(
        name="Foundry",
        variable="ANTHROPIC_FOUNDRY_BASE_URL",
        select="CLAUDE_CODE_USE_FOUNDRY",
        defaults=_foundry,
        instead=("ANTHROPIC_FOUNDRY_RESOURCE",),
    ),
    ProviderSetup(
        name="Claude Platform on AWS",
        variable="ANTHROPIC_AWS_BASE_URL",
        select="CLAUDE_CODE_USE_ANTHROPIC_AWS",
        defaults=_platform_on_aws,
        unsigned=("CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH", "ANTHROPIC_AWS_API_KEY"),
    ),
    ProviderSetup(
        name="Claude Platform on Google Cloud",
        variable="ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
        select="CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
        defaults=_platform_on_google,
    ),
)

HOST_PATTERNS = (
    r"^api\.anthropic\.com:443$",
    r"^bedrock(-runtime|-mantle)?(-fips)?\..+\.(amazonaws\.com(\.cn)?|api\.aws):443$",
    r"\.bedrock-runtime\..+\.vpce\.amazonaws\.com:443$",
    r"^aws-external-anthropic\..+\.api\.aws:443$",
    r"^(.+-)?aiplatform\.(.+\.rep\.)?googleapis\.com:443$",
    r"^claude\.(.+\.rep\.)?googleapis\.com:443$",
    r"\.(services\.ai|cognitiveservices|openai)\.azure\.(com|us|cn):443$",
)
"""The hosts whose traffic a forward proxy decrypts, beside those that are named; all else passes unread."""
