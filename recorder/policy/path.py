"""Where a request's path leads at another base URL.

The client's own base path (`/bedrock`, `/vertex_ai/v1`, ...) stands in front of what its protocol prescribes. The
upstream's base path takes its place; what follows keeps every byte, unless the model in it has another name there.
"""

import re
from urllib.parse import quote, unquote

from recorder.model import Family, FlowClass
from recorder.policy.asked import Asked

_BEDROCK = re.compile(
    r"(.*?/model/)(.+)(/(?:invoke|invoke-with-response-stream|converse|converse-stream|count-tokens)/?)", re.DOTALL
)
_VERTEX = re.compile(r"(.*/publishers/anthropic/models/)([^/:]+)(:.+)", re.DOTALL)


def path_at(asked: Asked, base: str, client_base: str | None) -> str:
    """Return the path at an upstream with base path `base`.

    `client_base` is the base path of a request that no protocol knows, as the rule's `path` names it.
    """
    if asked.call.flow_class is FlowClass.OTHER:
        return base + _without(asked.path, (client_base or "").rstrip("/"))
    return base + _without(asked.path, asked.call.prefix)


def with_model(path: str, family: Family | None, model: str) -> str:
    """Return a Bedrock or Vertex path with another model. Raises ValueError when its model cannot be found."""
    pattern, safe = (_BEDROCK, "") if family is Family.BEDROCK else (_VERTEX, "@")
    if (match := pattern.fullmatch(path)) is None:
        raise ValueError("the path names no model that could be replaced")
    return match[1] + quote(model, safe=safe) + match[3]


def _without(path: str, decoded_prefix: str) -> str:
    """Take a prefix, given percent-decoded, off a path that may spell it otherwise."""
    if not decoded_prefix:
        return path
    ends = (match.start() for match in re.finditer("/", path))
    found = next((end for end in ends if unquote(path[:end]) == decoded_prefix), None)
    if found is not None:
        return path[found:]
    return "" if unquote(path) == decoded_prefix else path
