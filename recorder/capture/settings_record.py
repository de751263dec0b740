"""What the record says of the settings in force: those that an auditor asks for in plain, all of them as a hash.

Nothing that names a person, a host or a value: labels stand on the interactions, addresses in the routing policy.
"""

import hashlib
from typing import Any

import msgspec

from recorder.config import Settings

PLAIN = ("wait_seconds", "pending_mb", "frame_seconds", "writer_memory_mb", "heartbeat_seconds", "record_views")
"""Names of settings whose values stand on the record as they are."""


def told(settings: Settings) -> dict[str, Any]:
    """Return what is recorded in plain."""
    redact = settings.redact
    return {
        **{name: getattr(settings, name) for name in PLAIN},
        "anchors": [{"name": one.name, "type": one.type} for one in settings.anchor],
        "redact": {
            "known": len(redact.known),
            "rules": [rule.name for rule in redact.rule],
            "allowed": len(redact.allow),
            "images": redact.images,
            "outbound": redact.outbound,
        },
    }


def digest(settings: Settings) -> str:
    """Return the SHA-256, in hex, of all settings as JSON with sorted names."""
    return hashlib.sha256(msgspec.json.encode(msgspec.to_builtins(settings, enc_hook=str), order="sorted")).hexdigest()
