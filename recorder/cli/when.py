"""Points in time as people type them: `2h`, `3d`, `today`, `2026-11-23`, `2026-11-23T14:05`, `…Z`."""

import re
from datetime import UTC, datetime, timedelta

import click

_AGO = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_when(text: str, now: datetime) -> datetime:
    """Return the time that `text` means; without a zone it is local. `now`: aware. Raises ValueError."""
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    if text in ("today", "yesterday"):
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return (midnight - timedelta(days=text == "yesterday")).astimezone()
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.astimezone()


def when(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """Turn what was typed into an aware datetime (the callback of an option); a failure says what may be typed."""
    if value is None:
        return None
    try:
        return parse_when(value, datetime.now(UTC))
    except (ValueError, OverflowError):
        known = "30m, 2h, 7d, today, yesterday, 2026-11-23 or 2026-11-23T14:05"
        raise click.BadParameter(f"{value!r} is no time; try {known}") from None
