"""Model ids as they come over the wire, and where in the price table to look for them.

The same model is `claude-haiku-4-5-20251001` at Anthropic, `us.anthropic.claude-haiku-4-5-20251001-v1:0` or an ARN that
ends in it at Bedrock, `anthropic.claude-haiku-4-5` at Mantle, `claude-haiku-4-5@20251001` at Vertex, and behind LiteLLM
any of these with `bedrock/`, `anthropic/` or `vertex_ai/` in front, or an alias that only the user can resolve.

Sources, read in November 2026: Claude Code 2.1.330's model catalogue, Amazon Bedrock's inference profile ids,
LiteLLM 1.109.1's provider prefixes.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from recorder.model import Provider

ANTHROPIC = "anthropic"
AWS = "aws"
GOOGLE = "google"
_LITELLM = "litellm"
"""Stands in the table for whichever provider an id names or is known to."""


class Ref(msgspec.Struct, frozen=True):
    """A model id to look up: the table's provider and the id in that one's form."""

    table: str
    model: str


# Foundry bills Claude at Anthropic's list prices through the Microsoft Marketplace; a gateway's own margin is unknown.
_TABLES: Mapping[Provider, str] = {
    Provider.ANTHROPIC: ANTHROPIC,
    Provider.FOUNDRY: ANTHROPIC,
    Provider.BEDROCK: AWS,
    Provider.MANTLE: AWS,
    Provider.VERTEX: GOOGLE,
}

# LiteLLM's provider prefixes; its `bedrock/` may be followed by a route or region (`converse/`, `us-east-1/`).
_PREFIXES: Mapping[str, str] = {"bedrock": AWS, "bedrock_mantle": AWS, "vertex_ai": GOOGLE, "anthropic": ANTHROPIC}

_CONTEXT_SUFFIX = re.compile(r"\[1m\]$")  # Claude Code's way to ask for the long context; it strips it before sending
_ARN = re.compile(r"arn:aws[\w-]*:bedrock:[^:]*:[^:]*:(?P<kind>[a-z-]+)/(?P<id>.+)")
_OPAQUE_KINDS = frozenset({"application-inference-profile", "provisioned-model", "custom-model", "imported-model"})
_BEDROCK = re.compile(r"(?:(?P<scope>[a-z]{2,6}(?:-[a-z]+)?)\.)?anthropic\.(?P<rest>claude.+)")
_VERSION = re.compile(r"(?:-v\d+)?(?::\d+)?(?::\d+k)?$")  # "-v1:0", "-v2:0:200k", and "-v1" of the newer ids
_DATE = re.compile(r"(?:[-@]\d{8}|-\d{4}-\d{2}-\d{2}|@[\w.-]+|-latest)$")


def resolve(model: str, provider: Provider, names: Mapping[str, str]) -> tuple[Ref, ...]:
    """Where to look for a model, most fitting first; empty when only the user could tell (an opaque ARN).

    `names` maps the user's aliases, ARNs or bare profile ids to model ids; it is asked first and always wins.
    """
    return _refs(_named(model.strip(), names), _TABLES.get(provider))


@lru_cache(maxsize=512)  # model ids come off the wire
def _refs(model: str, table: str | None) -> tuple[Ref, ...]:
    model, prefix_table = _without_prefix(_CONTEXT_SUFFIX.sub("", model))
    table = prefix_table or table
    if match := _ARN.fullmatch(model):
        if match["kind"] in _OPAQUE_KINDS:
            return ()
        model, table = match["id"], AWS
    model = model.lower()
    if _BEDROCK.fullmatch(model):
        return (Ref(AWS, model), Ref(ANTHROPIC, base(model)))
    if model.startswith("claude"):
        return (Ref(table or ANTHROPIC, model), Ref(ANTHROPIC, base(model)))
    return (Ref(table or _LITELLM, model),)


def base(model: str) -> str:
    """The model's name without region, vendor, version and date: `us.anthropic.claude-x-20250929-v1:0` → `claude-x`."""
    bedrock = _BEDROCK.fullmatch(model)
    name = _VERSION.sub("", bedrock["rest"] if bedrock else model)
    return _DATE.sub("", name)


def is_global(model: str) -> bool:
    """Whether a Bedrock id names the global endpoint, which is 10 % cheaper than every regional one."""
    bedrock = _BEDROCK.fullmatch(model)
    return bedrock is not None and bedrock["scope"] == "global"


def _named(model: str, names: Mapping[str, str]) -> str:
    """The user's name for a model, an ARN, or the last segment of either; the model itself when there is none."""
    plain = _CONTEXT_SUFFIX.sub("", model)
    for alias in (model, plain, plain.rpartition("/")[2]):
        if alias in names:
            return names[alias]
    return model


def _without_prefix(model: str) -> tuple[str, str | None]:
    """Take LiteLLM's provider prefix off, and the route in it; with the table that the prefix stands for."""
    head, slash, rest = model.partition("/")
    table = _PREFIXES.get(head) if slash else None
    if table is None:
        return model, None
    if table == AWS and "arn:" not in rest:
        rest = rest.rpartition("/")[2]
    elif table == AWS:
        rest = rest[rest.index("arn:") :]
    return rest, table
