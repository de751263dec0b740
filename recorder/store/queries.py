"""Reading the record: every query in one place for the views; each lives in the file that it is imported from."""

from recorder.store.agents import session_agents
from recorder.store.bulk import extent, whole, wholes
from recorder.store.content import answer_body, details, request_body, request_frame, timing, tool_calls
from recorder.store.database import Database
from recorder.store.errors_seen import errors_seen
from recorder.store.interactions import follow, get_interaction, list_interactions
from recorder.store.news import read_parts, request_before, request_part_ids, request_parts, requests_before
from recorder.store.records import last_seq, list_runs, records
from recorder.store.search import Wanted, search
from recorder.store.search_query import parse_query
from recorder.store.secrets import find_secrets
from recorder.store.sessions import get_session, list_sessions
from recorder.store.totals import sum_up
from recorder.store.usage import GROUPINGS, Grouping, usage_by, usage_trend

__all__ = [
    "GROUPINGS",
    "Database",
    "Grouping",
    "Wanted",
    "answer_body",
    "details",
    "errors_seen",
    "extent",
    "find_secrets",
    "follow",
    "get_interaction",
    "get_session",
    "last_seq",
    "list_interactions",
    "list_runs",
    "list_sessions",
    "parse_query",
    "read_parts",
    "records",
    "request_before",
    "request_body",
    "request_frame",
    "request_part_ids",
    "request_parts",
    "requests_before",
    "search",
    "session_agents",
    "sum_up",
    "timing",
    "tool_calls",
    "usage_by",
    "usage_trend",
    "whole",
    "wholes",
]
