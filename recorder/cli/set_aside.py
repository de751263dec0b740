"""How upstreams are told of that a recorder has set aside: by `recorder route list` and `recorder status`."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recorder.routing.health import Seen


def aside_text(seen: "Seen") -> str:
    """Say it to a person."""
    left = max(0, round(seen.until_utc - time.time()))
    return f"{seen.upstream}, {seen.reason}; {f'tried again in {left} s' if left else 'to be tried'}"


def aside_json(seen: "Seen") -> dict[str, Any]:
    """Say it to a program."""
    until = datetime.fromtimestamp(seen.until_utc, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"upstream": seen.upstream, "reason": seen.reason, "until_utc": until}
