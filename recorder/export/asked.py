"""What an export is asked for: what makes two runs give the same."""

from datetime import datetime
from typing import Any

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The interactions that are wanted, and as what."""

    format: str
    content: bool = False
    """With what was said, in a format that leaves it out unless asked."""
    after: int = 0
    """Only interactions after this number."""
    session: str | None = None
    project: str | None = None
    user: str | None = None
    model: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    flow_class: str | None = None

    def filters(self) -> dict[str, Any]:
        """Return the filters for a query."""
        names = ("session", "project", "user", "model", "since", "until", "flow_class")
        return {name: getattr(self, name) for name in names}

    def told(self) -> dict[str, str | int | None]:
        """Return what a record says was asked for."""
        return {
            name: value
            for name, value in msgspec.to_builtins(self).items()
            if name != "format" and value not in (None, False, 0)
        }
