"""What the record says when the settings in force are other than those of the run before."""

from collections.abc import Mapping
from typing import Any

from recorder.capture.settings_record import PLAIN
from recorder.ledger.kinds import RecordKind
from recorder.store.bodies import clean
from recorder.store.rows import Event


def changed(before: Mapping[str, Any], start: Event) -> list[Event]:
    """Return the `config` record of what is other than at the start before this one; none when nothing is."""
    body = clean(start.body)
    if not before.get("config") or before["config"] == body.get("config"):
        return []
    names = sorted(name for name in ("on_failure", *PLAIN, "anchors", "redact") if _of(before, name) != _of(body, name))
    said = {"what": "settings changed since the run before", "changed": ", ".join(names), "config": body["config"]}
    return [Event(kind=RecordKind.CONFIG, at_utc=start.at_utc, body=said | {"run_id": body["run_id"]})]


def _of(start: Mapping[str, Any], name: str) -> Any:
    return start.get("settings", {}).get(name, start.get(name))
