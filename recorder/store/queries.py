"""Reading the record: every query in one place for the views; each lives in the file that it is imported from."""

from recorder.store.content import answer_body, details, request_body, timing, tool_calls
from recorder.store.interactions import follow, get_interaction, list_interactions
from recorder.store.news import request_parts
from recorder.store.records import last_seq, list_runs, records
from recorder.store.secrets import find_secrets
from recorder.store.sessions import get_session, list_sessions
from recorder.store.usage import Grouping, usage_by

__all__ = [
    "Grouping",
    "answer_body",
    "details",
    "find_secrets",
    "follow",
    "get_interaction",
    "get_session",
    "last_seq",
    "list_interactions",
    "list_runs",
    "list_sessions",
    "records",
    "request_body",
    "request_parts",
    "timing",
    "tool_calls",
    "usage_by",
]
