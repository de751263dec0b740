"""What a Claude model is called at Anthropic, at Bedrock and at Vertex.

The rule, and what does not follow from it. Source: the model catalogue inside the Claude Code 2.1.197 program, which
names each model for all three (read November 2026); the scopes are those of Bedrock's inference profiles, as
genai-prices 0.2.3 lists them. A name that is no Claude's (a gateway's alias) stays as it is.
"""

import re

_DATES = {
    "claude-3-5-haiku": "20241022",
    "claude-3-7-sonnet": "20250219",
    "claude-haiku-4-5": "20251001",
    "claude-opus-4": "20250514",
    "claude-opus-4-0": "20250514",
    "claude-opus-4-1": "20250805",
    "claude-opus-4-5": "20251101",
    "claude-sonnet-4": "20250514",
    "claude-sonnet-4-0": "20250514",
    "claude-sonnet-4-5": "20250929",
}
"""Models whose name has a date at Bedrock and Vertex; from 4.6 on none has."""
_SPELT = {"claude-opus-4-0": "claude-opus-4", "claude-sonnet-4-0": "claude-sonnet-4"}
_VERSIONS = {"claude-3-5-sonnet-20241022": "-v2:0", "claude-opus-4-6": "-v1"}
"""Bedrock's version of a model, where it is not `-v1:0` behind a date and nothing without one."""
_VERTEX = {"claude-3-5-sonnet-20241022": "claude-3-5-sonnet-v2@20241022"}
_MESSAGES = {name: model for model, name in _VERTEX.items()}

_CLAUDE = re.compile(r"claude-[a-z0-9-]+")
_DATED = re.compile(r"(?P<name>.+)-(?P<date>\d{8})")
_BEDROCK = re.compile(
    r"(?:[a-z]{2,6}(?:-[a-z]+)?\.)?anthropic\.(?P<name>claude-[a-z0-9-]+?)(?:-v\d+)?(?::\d+)?(?::\d+k)?"
)
_ARN = re.compile(r"arn:aws[\w-]*:bedrock:[^:]*:[^:]*:(?:inference-profile|foundation-model)/(?P<id>.+)")

SCOPES = ("us", "us-gov", "eu", "jp", "au", "apac", "in", "global")
"""What Bedrock's inference profiles span."""
_SCOPES = (
    (re.compile(r"us-gov-.*"), "us-gov"),
    (re.compile(r"(?:us|ca)-.*"), "us"),
    (re.compile(r"eu-.*"), "eu"),
    (re.compile(r"ap-northeast-[13]"), "jp"),
    (re.compile(r"ap-southeast-[246]"), "au"),
)


def scope_of(region: str | None) -> str:
    """Return the inference profiles' scope that serves an AWS region; `us` when none is known, else `global`."""
    if region is None:
        return "us"
    return next((scope for pattern, scope in _SCOPES if pattern.fullmatch(region)), "global")


def at_bedrock(model: str, scope: str) -> str:
    """Return Bedrock's id for Anthropic's name of a model; `scope` is that of the profile, "" for the model itself."""
    name = _with_date(model)
    if not _CLAUDE.fullmatch(name):
        return model
    version = _VERSIONS.get(name, "-v1:0" if _DATED.fullmatch(name) else "")
    return f"{scope}.anthropic.{name}{version}".removeprefix(".")


def at_vertex(model: str) -> str:
    """Return Vertex's id for Anthropic's name of a model."""
    name = _with_date(model)
    if not _CLAUDE.fullmatch(name):
        return model
    dated = _DATED.fullmatch(name)
    return _VERTEX.get(name) or (f"{dated['name']}@{dated['date']}" if dated else name)


def at_messages(model: str) -> str | None:
    """Return Anthropic's name for an id of Bedrock or Vertex; None for an ARN that does not tell the model."""
    if arn := _ARN.fullmatch(model):
        model = arn["id"]
    if model.startswith("arn:"):
        return None
    if bedrock := _BEDROCK.fullmatch(model):
        return bedrock["name"]
    if model in _MESSAGES:
        return _MESSAGES[model]
    name, at, version = model.partition("@")
    if not at or not _CLAUDE.fullmatch(name):
        return model
    return f"{name}-{version}" if version.isdigit() else name


def is_before_4_5(model: str) -> bool:
    """Whether Anthropic's name is one of a model older than 4.5."""
    name = _with_date(model)
    return bool(re.match(r"claude-(3-|(?:opus|sonnet)-4(?:-[01])?(?:-\d{8})?$)", name))


def _with_date(model: str) -> str:
    name = model.removesuffix("-latest")
    date = _DATES.get(name)
    return f"{_SPELT.get(name, name)}-{date}" if date else model
