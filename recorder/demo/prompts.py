"""What the synthetic client says: its system prompt, its tools, its tools' results. All of it written for the demo."""

from typing import Any

MAIN_MODEL = "claude-sonnet-4-6"
SMALL_MODEL = "claude-haiku-4-5-20251001"

GUIDE = " ".join(
    f"Rule {number}: read before you write, say what you will do, and check what you did." for number in range(1, 60)
)
"""Long enough that caching it pays, as a real system prompt is."""


def system(opening: str, lifetime: str) -> list[dict[str, Any]]:
    """Make a system prompt: attribution, an opening, and the guide, which is marked for the cache."""
    attribution = "x-anthropic-billing-header: cc_version=0.0.0; cc_entrypoint=demo;"
    return [
        {"type": "text", "text": attribution},
        {"type": "text", "text": opening},
        {"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral", "ttl": lifetime}},
    ]


def _tool(name: str, about: str, **fields: str) -> dict[str, Any]:
    properties = {field: {"type": "string", "description": text} for field, text in fields.items()}
    schema = {"type": "object", "properties": properties, "required": list(fields), "additionalProperties": False}
    return {"name": name, "description": about, "input_schema": schema}


TOOLS = [
    _tool("Bash", "Runs a command.", command="The command.", description="What it does."),
    _tool("Read", "Reads a file.", file_path="Its path."),
    _tool("Agent", "Starts a subagent.", description="The task in short.", prompt="The task."),
]


def results(secret: str) -> dict[str, str]:
    """Give the result of each tool; Bash prints an environment with `secret` in it."""
    return {
        "Bash": f"HOME=/home/demo\nGITHUB_TOKEN={secret}\nLANG=C.UTF-8\nSHELL=/bin/bash",
        "Read": "1\tfrom sums import add\n2\t\n3\tdef test_add():\n4\t    assert add(2, 2) == 5\n",
    }
