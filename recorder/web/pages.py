"""What each page says: a template and its values, from the queries and views that the terminal has too."""

from collections.abc import Callable, Mapping
from typing import Any

from recorder.errors import StoreError
from recorder.model import FlowClass
from recorder.store import queries
from recorder.store.database import is_imported
from recorder.store.gaps import find_gaps
from recorder.store.ledger_rows import stored_notes
from recorder.view import comparison, misses
from recorder.view.budgets import budget_figures
from recorder.view.conversation import anomalies, load_conversation, results_in, secrets_removed
from recorder.view.search import excerpt
from recorder.view.secrets import sum_up
from recorder.view.tree import nested
from recorder.view.usage import total_of
from recorder.web import figures
from recorder.web.asked import Asked, number, time_of

type Page = Callable[[Asked], Any]

_PER_PAGE = 50
_MOST_CALLS = 1000
_MOST_GAPS = 500
_NO_SESSION = "-"
"""In an address, what stands for the calls that name no session."""


def sessions(asked: Asked) -> tuple[str, dict[str, Any]]:
    """List sessions, a page of them at a time."""
    at = number(asked.query, "page", 1)
    chosen = _filters(asked)
    rows = queries.list_sessions(asked.db, limit=at * _PER_PAGE + 1, **chosen)
    shown = rows[(at - 1) * _PER_PAGE : at * _PER_PAGE]
    return "sessions.html", {"rows": shown, "page": at, "has_more": len(rows) > at * _PER_PAGE, "query": asked.query}


def session(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Show a session: its agents, its calls, and the conversation as its newest call of the main thread has it."""
    id_ = _session_id(asked)
    calls = queries.list_interactions(asked.db, flow_class=FlowClass.MODEL, limit=_MOST_CALLS, **_session_filter(id_))
    main = [row for row in calls if row.agent_id is None]
    newest = max(main, key=lambda row: (row.input_tokens is not None, row.started_utc), default=None)
    longest = max(main, key=lambda row: row.request_bytes if row.state == "complete" else 0, default=newest)
    agents = queries.session_agents(asked.db, id_)
    found = queries.list_sessions(asked.db, flow_class=FlowClass.MODEL, **_session_filter(id_))
    return "session.html", {
        "session": found[0] if found else queries.get_session(asked.db, asked.path[0]),
        "address": id_ or _NO_SESSION,
        "agents": nested(agents),
        "calls": calls[::-1],
        "is_cut": len(calls) == _MOST_CALLS,
        **_conversation(asked, longest.id if longest else None),
    }


def cache(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Show what the calls of a session lost of the prompt cache, and why."""
    id_ = _session_id(asked)
    found = misses.explain_session(asked.db, id_) if id_ else []
    usd, unknown = misses.lost_usd(found)
    return "cache.html", {"address": id_ or _NO_SESSION, "misses": found, "usd": usd, "unknown": unknown}


def interaction(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Show one interaction."""
    row = queries.get_interaction(asked.db, asked.path[0])
    values = _conversation(asked, row.id)
    return "interaction.html", values | {
        "row": row,
        "address": row.session_id or _NO_SESSION,
        "before": queries.request_before(asked.db, row.id),
        "miss": misses.explain(asked.db, row),
        "cost": (values["conversation"].details.closed or {}).get("cost", {}),
    }


def diff(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Compare two requests; `b` alone: with the one that it goes on from."""
    second = asked.query.get("b", "")
    first = asked.query.get("a") or queries.request_before(asked.db, second)
    compared = comparison.compare(asked.db, first, second) if first else None
    if compared:
        asked.look_at(compared.before.id, compared.after.id)
    return "diff.html", {"compared": compared, "second": second}


def search(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Search what was said."""
    typed = asked.query.get("q", "").strip()
    hits = []
    if typed:
        sources = (asked.query["in"],) if asked.query.get("in") else ()
        wanted = queries.Wanted(query=queries.parse_query(typed), sources=sources, limit=_PER_PAGE)
        hits = queries.search(asked.db, asked.db_path, wanted)
        asked.look_at(*(hit.row.id for hit in hits))
    return "search.html", {"hits": [(hit, excerpt(hit, 300)) for hit in hits], "query": asked.query, "typed": typed}


def usage(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Sum up tokens and cost, as charts and as the table that they are drawn from."""
    by = _grouping(asked)
    chosen = _filters(asked)
    rows = queries.usage_by(asked.db, by, **chosen)
    values = {"rows": rows, "total": total_of(rows), "by": by, "groupings": queries.GROUPINGS, "query": asked.query}
    return "usage.html", values


def secrets(asked: Asked) -> tuple[str, dict[str, Any]]:
    """List the secrets that were seen."""
    return "secrets.html", {"rows": sum_up(queries.find_secrets(asked.db, **_filters(asked)))[::-1]}


def budgets(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Show how the budgets stand: a bar each, of what is spent, with what requests under way hold behind it."""
    return "budgets.html", {"rows": [(one, budget_figures(one)) for one in asked.standings()]}


def errors(asked: Asked) -> tuple[str, dict[str, Any]]:
    """List what failed."""
    return "errors.html", {"rows": queries.errors_seen(asked.db, flow_class=FlowClass.MODEL)}


def integrity(asked: Asked) -> tuple[str, dict[str, Any]]:
    """Say what vouches for the record: its size, its newest checkpoint, who recorded."""
    notes = dict(stored_notes(asked.db))
    return "integrity.html", {
        "records": queries.last_seq(asked.db),
        "note": notes.get("the newest checkpoint"),
        "kept": sum(name.startswith("kept") for name in notes),
        "runs": queries.list_runs(asked.db)[:_PER_PAGE],
        "endings": queries.errors_seen(asked.db, flow_class=FlowClass.MODEL),
        "db": str(asked.db_path),
        "imported": is_imported(asked.db),
    }


def gaps(asked: Asked) -> tuple[str, dict[str, Any]]:
    """List what was not recorded, or not whole."""
    found = find_gaps(asked.db, frozenset(run.id for run in queries.list_runs(asked.db) if run.stopped_utc is None))
    return "gaps.html", {"rows": found[: -_MOST_GAPS - 1 : -1], "all": len(found)}


def missing(_asked: Asked) -> tuple[str, dict[str, Any]]:
    """Say that there is no such page."""
    raise StoreError("There is no such page.")


def usage_data(asked: Asked) -> dict[str, Any]:
    """Give the chart of usage: money, or tokens where no cost is known, by day and key."""
    by = _grouping(asked)
    return figures.usage(queries.usage_trend(asked.db, by, **_filters(asked)), by)


def session_data(asked: Asked) -> dict[str, Any]:
    """Give the charts of a session: what each call read, and when it ran."""
    id_ = _session_id(asked)
    calls = queries.list_interactions(asked.db, flow_class=FlowClass.MODEL, limit=_MOST_CALLS, **_session_filter(id_))
    return {"context": figures.context(calls[::-1]), "timeline": figures.timeline(calls[::-1])}


def body(asked: Asked) -> bytes:
    """Give the stored bytes of a request or an answer."""
    id_, side = asked.path
    asked.look_at(queries.get_interaction(asked.db, id_).id)
    return (queries.request_body if side == "request" else queries.answer_body)(asked.db, id_)


_ID = r"([A-Za-z0-9._:@-]{1,200})"
PAGES: Mapping[str, Page] = {
    r"/": sessions,
    rf"/sessions/{_ID}": session,
    rf"/sessions/{_ID}/cache": cache,
    rf"/interactions/{_ID}": interaction,
    r"/diff": diff,
    r"/search": search,
    r"/usage": usage,
    r"/budgets": budgets,
    r"/secrets": secrets,
    r"/errors": errors,
    r"/integrity": integrity,
    r"/gaps": gaps,
}
DATA: Mapping[str, Page] = {r"/data/usage": usage_data, rf"/data/sessions/{_ID}": session_data}
RAW: Mapping[str, Page] = {rf"/interactions/{_ID}/(request|answer)": body}


def _conversation(asked: Asked, id_: str | None) -> dict[str, Any]:
    """Load what the templates of a conversation need."""
    if id_ is None:
        return {"conversation": None}
    loaded = load_conversation(asked.db, id_)
    asked.look_at(loaded.row.id)
    results = dict(loaded.results)
    for turn in loaded.turns:
        results |= results_in(turn.spoken)
    return {
        "conversation": loaded,
        "results": results,
        "removed": secrets_removed(loaded.details),
        "anomalies": anomalies(loaded.details),
    }


def _session_id(asked: Asked) -> str | None:
    return None if asked.path[0] == _NO_SESSION else queries.get_session(asked.db, asked.path[0]).id


def _session_filter(id_: str | None) -> dict[str, Any]:
    # A filter that is None means all; those without a session are told by an id that none has.
    return {"session": id_ if id_ is not None else ""}


def _filters(asked: Asked) -> dict[str, Any]:
    """Read what the forms ask for."""
    chosen: dict[str, Any] = {"flow_class": FlowClass.MODEL}
    chosen |= {name: said for name in ("project", "user") if (said := asked.query.get(name))}
    for name in ("since", "until"):
        if said := asked.query.get(name):
            chosen[name] = time_of(said)
    return chosen


def _grouping(asked: Asked) -> Any:
    by = asked.query.get("by", "day")
    return by if by in queries.GROUPINGS else "day"
