"""Who is speaking: session, agent, client and account, as Claude Code tells in headers and metadata.

All of it is optional, and none of it is trusted for more than telling conversations apart. Read from the Claude Code
2.1.330 program, November 2026 (WIRE.md, "Correlation headers").
"""

import re

import msgspec

from recorder.model import Headers, Identity

_MAX_CHARACTERS = 256
"""Ids are UUIDs or short words. What is longer is something else, and stays in the header record alone."""

_MAX_OLD_CHARACTERS = 3 * _MAX_CHARACTERS + 32
_OLD_USER_ID = re.compile(r"user_(?P<device>.+?)_account_(?P<account>.*?)_session_(?P<session>.+)", re.DOTALL)


class _Metadata(msgspec.Struct):
    """`metadata.user_id` since it is JSON inside a string; other members do not matter here."""

    device_id: str | None = None
    account_uuid: str | None = None
    session_id: str | None = None


def identify(headers: Headers, metadata_user_id: str | None) -> Identity:
    """Gather who is speaking; a header goes before the metadata, and of several equal headers the first counts.

    `metadata_user_id` is `metadata.user_id` of the body, in either of its forms.
    """
    named: dict[str, str] = {}
    for name, value in headers:
        named.setdefault(name.lower(), value)
    metadata = _parse_metadata(metadata_user_id or "")
    return Identity(
        session_id=_maybe_id(named.get("x-claude-code-session-id")) or _maybe_id(metadata.session_id),
        agent_id=_maybe_id(named.get("x-claude-code-agent-id")),
        parent_agent_id=_maybe_id(named.get("x-claude-code-parent-agent-id")),
        agent_type=_maybe_id(named.get("x-claude-code-agent-type")),
        request_class=_maybe_id(named.get("x-claude-code-request-class")),
        client=_maybe_id(named.get("user-agent", "").partition("(")[0].strip().partition(" ")[0]),
        user=_maybe_id(metadata.account_uuid),
        device=_maybe_id(metadata.device_id),
    )


def _maybe_id(value: str | None) -> str | None:
    """Give a value that can be an id or a name: one line of printable characters, not too long."""
    value = (value or "").strip()
    return value if 0 < len(value) <= _MAX_CHARACTERS and value.isprintable() else None


def _parse_metadata(user_id: str) -> _Metadata:
    if len(user_id) <= _MAX_OLD_CHARACTERS and (old := _OLD_USER_ID.fullmatch(user_id)):
        return _Metadata(old["device"], old["account"], old["session"])
    try:
        return msgspec.json.decode(user_id, type=_Metadata)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return _Metadata()
