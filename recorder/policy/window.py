"""The time that a budget is for: a calendar's hour, day, week or month, the last so many hours or days, a session,
or all the time that there is.

Pure: what time it is, is told. Times are microseconds of UTC since the epoch.
"""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from recorder.policy.tables import Table

SECOND_US = 1_000_000
_CALENDAR = ("hour", "day", "week", "month")
_ENDLESS = ("session", "total")
_ROLLING = re.compile(r"(\d{1,4}) (hour|day)s?")
_MOST_HOURS = 366 * 24
_STEPS = 1440
"""A rolling window moves on in so many steps of its length, and in none shorter than a minute."""
_MINUTE_US = 60 * SECOND_US

type Kind = Literal["hour", "day", "week", "month", "session", "total", "rolling"]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of span."""

    kind: Kind
    zone: str = "UTC"
    """IANA name: where its days begin."""
    hours: int = 0
    """Of a rolling one."""

    def __str__(self) -> str:
        """Return it as a person reads it behind "spent"."""
        match self.kind:
            case "session":
                return "in this session"
            case "total":
                return "in total"
            case "rolling":
                if self.hours == 1:
                    return "in the last hour"
                is_days = self.hours > 24 and not self.hours % 24
                return f"in the last {self.hours // 24} days" if is_days else f"in the last {self.hours} hours"
            case "day":
                return "today"
            case _:
                return f"this {self.kind}"

    @property
    def length_us(self) -> int:
        """How long a rolling one is."""
        return self.hours * 3600 * SECOND_US

    @property
    def step_us(self) -> int:
        """The steps in which a rolling one moves on."""
        return max(_MINUTE_US, self.length_us // _STEPS)

    def start_us(self, at_us: int) -> int:
        """Return when the window that holds a moment began; of a rolling one, where it reaches back to."""
        if self.kind in _ENDLESS:
            return 0
        if self.kind == "rolling":
            return (at_us - self.length_us) // self.step_us * self.step_us
        return _us(_begin(self.kind, _local(at_us, ZoneInfo(self.zone))))

    def end_us(self, at_us: int) -> int | None:
        """Return when the calendar's window that holds a moment ends; None: it has no such end."""
        if self.kind not in _CALENDAR:
            return None
        begin = _begin(self.kind, _local(at_us, ZoneInfo(self.zone)))
        return _us(_next(self.kind, begin))


def parse_window(table: Table) -> Window:
    """Read `window` and `zone`. Raises PolicyError."""
    text = table.text("window")
    allowed = f"{', '.join((*_CALENDAR, *_ENDLESS))}, or so many hours or days back, as '24 hours'"
    if text is None:
        raise table.error("window", f"is not there; give {allowed}")
    zone = _parse_zone(table)
    if text in _CALENDAR or text in _ENDLESS:
        return Window(kind=text, zone=zone)  # type: ignore[arg-type] # the tuples' texts are the type's
    match = _ROLLING.fullmatch(text)
    hours = int(match[1]) * (24 if match[2] == "day" else 1) if match else 0
    if not 0 < hours <= _MOST_HOURS:
        raise table.error("window", f"{text!r} is no window; give {allowed}, at most 366 days")
    return Window(kind="rolling", zone=zone, hours=hours)


def _parse_zone(table: Table) -> str:
    name = table.text("zone") or "UTC"
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise table.error("zone", f"{name!r} is no time zone; give one as Europe/Berlin, or UTC") from None
    return name


def _local(at_us: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at_us // SECOND_US, zone)


def _us(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND_US


def _begin(kind: Kind, moment: datetime) -> datetime:
    if kind == "hour":
        # By what has gone of the day, so that an hour that comes twice in autumn is two hours, and none is longer or
        # begins twice where clocks are put by half an hour.
        midnight = _begin("day", moment).timestamp()
        return moment.fromtimestamp(moment.timestamp() - (moment.timestamp() - midnight) % 3600, moment.tzinfo)
    day = moment.replace(hour=0, minute=0, second=0, fold=0)
    if kind == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if kind == "month" else day


def _next(kind: Kind, begin: datetime) -> datetime:
    match kind:
        case "hour":
            midnight = _next("day", _begin("day", begin))
            return begin.fromtimestamp(min(begin.timestamp() + 3600, midnight.timestamp()), begin.tzinfo)
        case "month":
            return begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
        case _:
            return begin + timedelta(days=7 if kind == "week" else 1)
