"""What the record says of the settings in force: those that an auditor asks for in plain, all of them as a hash.

Nothing that names a person, a host or a value: labels stand on the interactions, addresses in the routing policy.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from recorder.config import Settings
from recorder.ledger.kinds import RecordKind
from recorder.store.bodies import clean
from recorder.store.rows import Event

_PLAIN = ("wait_seconds", "pending_mb", "frame_seconds", "writer_memory_mb", "heartbeat_seconds", "record_views")


def told(settings: Settings) -> dict[str, Any]:
    """Return what is recorded in plain."""
    redact = settings.redact
    return {
        **{name: getattr(settings, name) for name in _PLAIN},
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


def changed(before: Mapping[str, Any], start: Event) -> list[Event]:
    """Return the `config` record of what is other than at the start before this one; none when nothing is."""
    body = clean(start.body)
    if not before.get("config") or before["config"] == body.get("config"):
        return []
    names = sorted(
        name for name in ("on_failure", *_PLAIN, "anchors", "redact") if _of(before, name) != _of(body, name)
    )
    said = {"what": "settings changed since the run before", "changed": ", ".join(names), "config": body["config"]}
    return [Event(kind=RecordKind.CONFIG, at_utc=start.at_utc, body=said | {"run_id": body["run_id"]})]


def _of(start: Mapping[str, Any], name: str) -> Any:
    return start.get("settings", {}).get(name, start.get(name))
