"""Which secrets were seen, and where: tables for a terminal, tab-separated lines for a pipe, members for JSON."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import msgspec

from recorder.store.results import SecretPlace
from recorder.view import figures
from recorder.view.columns import Column, make_table, tab_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

_GUESSABLE = "(guessable)"
"""Shown where there is no fingerprint."""
_SHORT = 12
"""Hex digits of a fingerprint that a table shows; enough to name it to `recorder secrets`."""

_PIPED = ("first_utc", "last_utc", "kind", "fingerprint", "times", "interactions", "sessions", "sent_by")
_PIPED_PLACES = (
    "first_utc",
    "last_utc",
    "kind",
    "fingerprint",
    "source",
    "tool",
    "place",
    "count",
    "session_id",
    "first_interaction",
    "interactions",
)


class SeenSecret(msgspec.Struct, frozen=True, kw_only=True):
    """One secret (without a fingerprint: all of a kind), over the places where it stood. Times are UTC."""

    kind: str
    fingerprint: str | None
    formerly: tuple[str, ...]
    """Its fingerprints under keys that were in use before."""
    first_utc: str
    last_utc: str
    """When the first and the last interaction that carried it began."""
    times: int
    """How often it passed: a message that is sent again with every turn counts with every turn."""
    interactions: tuple[str, ...]
    """Ids of those that carried it, oldest first."""
    sessions: tuple[str | None, ...]
    sent_by: tuple[str, ...]
    """Sources, with the tool where there is one: `tool_result:Bash`; the one that it came from first stands first."""


def sum_up(places: Iterable[SecretPlace]) -> list[SeenSecret]:
    """Join the places of each secret, the one that was seen last at the end."""
    by_secret: dict[tuple[str, str | None], list[SecretPlace]] = {}
    for place in places:
        by_secret.setdefault((place.kind, place.newest_fingerprint), []).append(place)
    return sorted(map(_seen, by_secret.values()), key=lambda one: (one.last_utc, one.kind, one.fingerprint or ""))


def secrets_table(rows: Sequence[SeenSecret], width: int, zone: tzinfo | None = None) -> "RenderableType":
    """Lay secrets out; `width` is the terminal's, in columns."""
    columns = [
        Column[SeenSecret](title="Last seen", cell=lambda row: _minute(row.last_utc, zone), style=lambda _: "dim"),
        Column[SeenSecret](title="First", cell=lambda row: _minute(row.first_utc, zone), style=lambda _: "dim", drop=2),
        Column[SeenSecret](title="Kind", cell=lambda row: row.kind, style=lambda _: "bold", flexible=True),
        Column[SeenSecret](title="Fingerprint", cell=_names),
        Column[SeenSecret](title="Times", cell=lambda row: f"{row.times:,}", right=True, drop=1),
        Column[SeenSecret](title="Calls", cell=lambda row: f"{len(row.interactions):,}", right=True),
        Column[SeenSecret](title="Sessions", cell=lambda row: f"{len(row.sessions):,}", right=True, drop=3),
        Column[SeenSecret](title="Sent by", cell=lambda row: ", ".join(map(_words, row.sent_by)), flexible=True),
    ]
    return make_table(columns, rows, width)


def secret_lines(rows: Iterable[SeenSecret]) -> Iterable[str]:
    """Give secrets as tab-separated lines: whole fingerprints, UTC times, how many interactions and sessions."""
    return tab_lines(_PIPED, (_piped(row) for row in rows))


def places_table(places: Sequence[SecretPlace], width: int, zone: tzinfo | None = None) -> "RenderableType":
    """Lay the places of secrets out, a line for each."""
    ids = figures.short_ids(place.interactions[0][1] for place in places)
    sessions = figures.short_ids(place.session_id for place in places)
    columns = [
        Column[SecretPlace](
            title="First", cell=lambda row: _minute(row.interactions[0][0], zone), style=lambda _: "dim"
        ),
        Column[SecretPlace](
            title="Last", cell=lambda row: _minute(row.interactions[-1][0], zone), style=lambda _: "dim", drop=3
        ),
        Column[SecretPlace](title="ID", cell=lambda row: ids[row.interactions[0][1]], style=lambda _: "bold"),
        Column[SecretPlace](title="Session", cell=lambda row: sessions.get(row.session_id or "", "(none)"), drop=2),
        Column[SecretPlace](title="Calls", cell=lambda row: f"{len(row.interactions):,}", right=True),
        Column[SecretPlace](title="Sent by", cell=lambda row: _words(_sender(row))),
        Column[SecretPlace](title="Place", cell=lambda row: row.place, flexible=True),
        Column[SecretPlace](title="Secret", cell=lambda row: f"{row.kind}:{_short(row.fingerprint)}", drop=1),
    ]
    return make_table(columns, places, width)


def place_lines(places: Iterable[SecretPlace]) -> Iterable[str]:
    """Give the places of secrets as tab-separated lines, with how many interactions carried each."""
    rows = (place_members(place) for place in places)
    return tab_lines(_PIPED_PLACES, ([_counted(row, name) for name in _PIPED_PLACES] for row in rows))


def secret_members(row: SeenSecret) -> dict[str, Any]:
    """Give a secret's members for JSON."""
    values = msgspec.structs.asdict(row)
    return values | {name: list(values[name]) for name in ("formerly", "interactions", "sessions", "sent_by")}


def place_members(place: SecretPlace) -> dict[str, Any]:
    """Give a place's members for JSON."""
    times = [at for at, _ in place.interactions]
    ids = list(dict.fromkeys(id_ for _, id_ in place.interactions))
    values = msgspec.structs.asdict(place) | {"first_utc": times[0], "last_utc": times[-1]}
    return values | {"first_interaction": ids[0], "interactions": ids}


def _seen(places: list[SecretPlace]) -> SeenSecret:
    newest = places[0].newest_fingerprint
    carried = sorted({one for place in places for one in place.interactions})
    ordered = sorted(places, key=lambda place: place.interactions[0])
    return SeenSecret(
        kind=places[0].kind,
        fingerprint=newest,
        formerly=tuple(dict.fromkeys(name for place in ordered if (name := place.fingerprint) and name != newest)),
        first_utc=carried[0][0],
        last_utc=carried[-1][0],
        times=sum(place.count * len(place.interactions) for place in places),
        interactions=tuple(id_ for _, id_ in carried),
        sessions=tuple(dict.fromkeys(place.session_id for place in ordered)),
        sent_by=tuple(dict.fromkeys(map(_sender, ordered))),
    )


def _sender(place: SecretPlace) -> str:
    return f"{place.source}:{place.tool}" if place.tool else place.source


def _words(sender: str) -> str:
    source, _, tool = sender.partition(":")
    return f"{source.replace('_', ' ')} ({tool})" if tool else source.replace("_", " ")


def _short(fingerprint: str | None) -> str:
    return fingerprint[:_SHORT] if fingerprint else _GUESSABLE


def _names(row: SeenSecret) -> str:
    """Show a secret's name, and how many others it had before."""
    return _short(row.fingerprint) + (f" +{len(row.formerly)}" if row.formerly else "")


def _minute(utc: str, zone: tzinfo | None) -> str:
    return figures.local_time(utc, zone)[5:16]


def _counted(members: dict[str, Any], name: str) -> object:
    return len(members[name]) if name == "interactions" else members[name]


def _piped(row: SeenSecret) -> list[object]:
    values = msgspec.structs.asdict(row)
    values |= {"interactions": len(row.interactions), "sessions": len(row.sessions), "sent_by": ", ".join(row.sent_by)}
    return [values[name] for name in _PIPED]
