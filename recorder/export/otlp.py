"""Spans as OTLP: JSON lines as the OpenTelemetry Collector's file exporter writes them, and what Langfuse reads.

A line is an `ExportTraceServiceRequest` in OTLP's JSON encoding (opentelemetry.io/docs/specs/otlp, 1.7.0: ids in hex,
64-bit integers as text), an interaction each; the same bytes are a request to an OTLP/HTTP endpoint.
"""

from typing import Any

import msgspec

from recorder import __version__
from recorder.export.langfuse import langfuse_attributes, langfuse_tool
from recorder.export.spans import SCHEMA_URL, Span, attributes, spans_of
from recorder.store.results import Whole

_RESOURCE = {"service.name": "llm-audit-recorder", "service.version": __version__}
_SCOPE = {"name": "llm-audit-recorder", "version": __version__}


class Otlp:
    """Writes spans by the GenAI semantic conventions."""

    def __init__(self, *, content: bool) -> None:
        self._content = content

    def begin(self) -> bytes:
        """Give nothing: each line stands by itself."""
        return b""

    def add(self, whole: Whole) -> bytes:
        """Give an interaction and its tool calls as a line."""
        return msgspec.json.encode(request_of(self._spans(whole))) + b"\n"

    def end(self) -> bytes:
        """Give nothing."""
        return b""

    def _spans(self, whole: Whole) -> list[Span]:
        return spans_of(whole, content=self._content)


class LangfuseOtlp(Otlp):
    """Writes the same spans with the attributes that Langfuse's OTLP endpoint reads."""

    def _spans(self, whole: Whole) -> list[Span]:
        own, *tools = spans_of(whole, content=False)
        own["attributes"] += attributes(langfuse_attributes(whole, content=self._content))
        for tool in tools:
            tool["attributes"] += attributes(langfuse_tool(whole))
        return [own, *tools]


def request_of(spans: list[Span]) -> dict[str, Any]:
    """Return what an OTLP endpoint is sent."""
    scope = {"scope": _SCOPE, "spans": spans, "schemaUrl": SCHEMA_URL}
    return {"resourceSpans": [{"resource": {"attributes": attributes(_RESOURCE)}, "scopeSpans": [scope]}]}
