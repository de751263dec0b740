"""What one provider takes and another does not: each with the reason that is noted when it is left out.

Sources, read in November 2026: LiteLLM 1.106.2's `anthropic_beta_headers_config.json` and its Bedrock InvokeModel and
Vertex transformations, which carry the errors that the providers gave; the Bedrock user guide, "Anthropic Claude
Messages API"; Claude Code 2.1.332, whose own requests to Bedrock and Vertex say which betas it trusts them to know.
`accepts` of an upstream lets a name through nevertheless.
"""

from recorder.model import Family

_NOT_BEDROCK = "Bedrock InvokeModel refuses members that it does not know"
_ONLY_ANTHROPIC = "only Anthropic's own API has it"

_MOVED = frozenset({"model", "stream"})
"""Said elsewhere by a target that does not take them in the body."""

BEDROCK_MEMBERS = frozenset(
    {
        *("anthropic_version", "anthropic_beta", "max_tokens", "messages", "system", "stop_sequences", "temperature"),
        *("top_p", "top_k", "tools", "tool_choice", "thinking", "metadata", "output_config", "safeguards"),
        "context_management",
    }
)
"""Members of a body that Bedrock InvokeModel takes for Claude."""

_REASONS = {
    "cache_control": "Bedrock takes cache_control on blocks alone",
    "container": "containers are Anthropic's own",
    "fallbacks": "a provider other than Anthropic falls back to no other model",
    "inference_geo": "where it is computed follows from the upstream's region",
    "mcp_servers": "only Anthropic's own API connects to MCP servers",
    "output_format": "Bedrock takes output_config instead",
    "resumption": "only Anthropic's own API resumes an answer",
    "service_tier": "Anthropic's service tiers are sold by Anthropic alone",
    "speed": "fast mode is sold by Anthropic alone",
    "tags": _ONLY_ANTHROPIC,
    "thread": "only Anthropic's own API keeps conversations",
}

_VERTEX_DROPS = frozenset(_REASONS) - {"cache_control", "output_format"}

_EDITS = {Family.BEDROCK: frozenset({"clear_tool_uses_20250919", "compact_20260112"})}
"""`context_management.edits` that a target takes; a target that is not here takes all."""

_SERVER_TOOLS = {
    Family.BEDROCK: ("web_search_", "web_fetch_", "code_execution_", "advisor_", "mcp_toolset"),
    Family.VERTEX: ("web_fetch_", "code_execution_", "advisor_", "mcp_toolset"),
}
"""Beginnings of the types of tools that a provider would have to run itself, and does not."""

_BOTH = frozenset(
    {
        *("compact-2026-01-12", "computer-use-2025-01-24", "computer-use-2025-11-24", "context-1m-2025-08-07"),
        *("context-management-2025-06-27", "dangerous-tool-use-2026-09-03", "thinking-binding-controls-2026-08-01"),
        *("thinking-display-updates-2026-08-18", "tool-search-tool-2025-10-19", "thinking-token-count-2026-05-13"),
        "effort-2025-11-24",
    }
)
_BETAS = {
    Family.BEDROCK: _BOTH
    | {
        *("fine-grained-tool-streaming-2025-05-14", "interleaved-thinking-2025-05-14"),
        *("mid-conversation-output-config-2026-07-01", "mid-conversation-tool-changes-2026-07-01"),
    },
    Family.VERTEX: _BOTH
    | {
        *("interleaved-thinking-2025-05-14", "inline-tools-2026-09-15", "per-turn-control-2026-07-01"),
        "web-search-2025-03-05",
    },
}
"""Betas that a target knows. It refuses a request with any other."""
_RENAMED = {"advanced-tool-use-2025-11-20": "tool-search-tool-2025-10-19"}
"""What a beta of Anthropic's own API is called by the clouds."""


def why_no_member(family: Family, name: str) -> str | None:
    """Return why a member of a Messages body does not reach a target; None when it does."""
    if family is Family.BEDROCK and name not in BEDROCK_MEMBERS | _MOVED:
        return _REASONS.get(name, _NOT_BEDROCK)
    if family is Family.VERTEX and name in _VERTEX_DROPS:
        return _REASONS[name]
    return None


def why_no_edit(family: Family, kind: str) -> str | None:
    """Return why an edit of `context_management` does not; None when it does."""
    if family not in _EDITS or kind in _EDITS[family]:
        return None
    return f"{family} refuses it; it takes {', '.join(sorted(_EDITS[family]))}"


def why_no_tool(family: Family, kind: str) -> str | None:
    """Return why a tool of this type does not; None when it does."""
    if not kind.startswith(_SERVER_TOOLS.get(family, ("\0",))):
        return None
    return f"{family} does not run this tool"


def why_no_cache_member(family: Family, name: str, *, is_old: bool) -> str | None:
    """Return why a member of `cache_control` does not; None when it does. `is_old`: the model is older than 4.5."""
    if name == "scope" and family is not Family.MESSAGES:
        return _ONLY_ANTHROPIC
    if name == "ttl" and family is Family.BEDROCK and is_old:
        return "Bedrock takes a lifetime from Claude 4.5 on"
    return None


def beta_at(family: Family, beta: str) -> str | None:
    """Return what a beta is called at a target; None when that one does not know it."""
    if family is Family.MESSAGES:
        return beta
    name = _RENAMED.get(beta, beta)
    return name if name in _BETAS[family] else None
