"""What a pack tells in sum: gaps, secrets removed, erasures and holds, usage. Derived, and never a secret's value."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import msgspec

from recorder import __version__
from recorder.model import FlowClass
from recorder.store.database import Database, reading
from recorder.store.filters import Filters
from recorder.store.gaps import Gap, find_gaps
from recorder.store.keeping import list_erasures
from recorder.store.queries import Grouping, find_secrets, usage_by
from recorder.store.results import SecretPlace, UsageRow
from recorder.store.selection import Selection

type Members = dict[str, Any]

_DETECTORS = """
SELECT d.version AS version, count(c.part) AS parts_cleared
FROM detectors AS d LEFT JOIN cleared AS c ON c.detectors = d.id GROUP BY d.id ORDER BY d.id
"""


def gaps(db: Database, selection: Selection, filters: Filters, alive: frozenset[str]) -> Members:
    """Return what is not on the record, or not whole, of the time asked for and what was chosen."""
    since, until = _utc(filters.get("since")), _utc(filters.get("until"))
    found = [
        msgspec.structs.asdict(gap) | {"seconds": gap.seconds}
        for gap in find_gaps(db, alive)
        if (since is None or (gap.until_utc or "~") >= since)
        and (until is None or gap.since_utc < until)
        and _concerns(gap, selection)
    ]
    return {"gaps": found, "by_kind": dict(sorted(Counter(gap["kind"] for gap in found).items()))}


def redaction(db: Database, filters: Filters) -> Members:
    """Return which secrets were removed, by kind and keyed fingerprint, and what looked for them."""
    with reading():
        detectors = [{"version": version, "parts_cleared": count} for version, count in db.execute(_DETECTORS)]
    return {
        "secrets": _sums(find_secrets(db, **filters)),
        "detectors": detectors,
        "program": f"llm-audit-recorder {__version__}",
    }


def erasures(db: Database, selection: Selection) -> Members:
    """Return by which records content was erased, and which holds are or were on something in the pack."""
    erased = [msgspec.structs.asdict(row) for row in list_erasures(db) if selection.has(row.seq)]
    return {"erasures": erased, "holds": [msgspec.to_builtins(hold) for hold in selection.holds]}


def usage(db: Database, filters: Filters) -> Members:
    """Return tokens and exact cost of the model calls in US dollars: in all, and by each key."""
    groups: dict[str, list[UsageRow]] = {
        by: usage_by(db, by, **filters | {"flow_class": FlowClass.MODEL})
        for by in get_args(Grouping.__value__)
        if by not in {"session", "agent"}
    }
    from_days = [msgspec.structs.asdict(row) for row in groups["day"]]
    return {"total": _total(from_days), **{f"by_{by}": rows for by, rows in groups.items()}}


def _total(rows: list[Members]) -> Members:
    names = [name for name in UsageRow.__struct_fields__ if name not in {"key", "cost_usd"}]
    cost = sum((Decimal(row["cost_usd"]) for row in rows), Decimal(0))
    return {name: sum(row[name] for row in rows) for name in names} | {"cost_usd": format(cost, "f")}


def _concerns(gap: Gap, selection: Selection) -> bool:
    """Tell whether a gap is of the pack: of a narrow one, what its records say or what no record says."""
    return selection.whole or gap.seq is None or selection.has(gap.seq)


def _sums(places: Iterable[SecretPlace]) -> list[Members]:
    sums: dict[tuple[str, str | None], Members] = {}
    for place in places:
        row = sums.setdefault(
            (place.kind, place.newest_fingerprint),
            {"fingerprints": set(), "places": 0, "times": 0, "interactions": set(), "sources": set(), "tools": set()},
        )
        row["fingerprints"] |= {place.fingerprint} - {None}
        row["places"] += 1
        row["times"] += place.count * len(place.interactions)
        row["interactions"] |= {id_ for _, id_ in place.interactions}
        row["sources"].add(place.source)
        row["tools"] |= {place.tool} - {None}
    return [
        {"kind": kind, "fingerprint": newest}
        | {name: sorted(value) if isinstance(value, set) else value for name, value in row.items()}
        | {"interactions": len(row["interactions"])}
        for (kind, newest), row in sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    ]


def _utc(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
