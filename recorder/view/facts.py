"""The facts around a conversation: who asked whom, and what it took. One line each, none where nothing is known."""

from collections.abc import Iterator
from datetime import tzinfo

from rich.console import RenderableType
from rich.text import Text

from recorder.model import State
from recorder.store.results import InteractionRow
from recorder.view import figures
from recorder.view.conversation import Conversation, anomalies, secrets_removed, values_allowed
from recorder.view.states import cache_writes, colour, cost_of, is_cost_unknown, sign
from recorder.view.text import clean_line, json_text
from recorder.view.turns import beside

_DOT = " · "
_UNIMPORTANT = {"metadata", "model", "stream"}
"""Members of a request that the head says already, or that only the client needs."""


def head_of(conversation: Conversation, zone: tzinfo | None) -> Iterator[RenderableType]:
    """Say what the interaction is."""
    row = conversation.row
    look = colour(row.state)
    ending = f" ({row.stop_reason})" if row.stop_reason else ""
    yield Text.assemble(
        (f"{sign(row.state)} ", look), (row.id, "bold"), ("  ", ""), (clean_line(f"{row.state}{ending}"), look)
    )
    yield _fact("model", _model(row))
    yield _fact("when", figures.local_time(row.started_utc, zone), row.project, row.user, row.client)
    yield _fact("session", row.session_id, _agent(row))
    method = conversation.details.opened.get("method", "")
    yield _fact("request", f"{method} {row.host}{row.path}".strip(), _status(row), row.request_id)
    yield from _routing(conversation)
    if row.retry_of:
        yield _fact("retry of", row.retry_of)


def figures_of(conversation: Conversation, *, whole: bool) -> Iterator[RenderableType]:
    """Say what the interaction took, and what was noticed about it."""
    row = conversation.row
    yield _fact("tokens", *_tokens(row))
    yield _cost(conversation, whole=whole)
    yield _fact("timing", *_timing(conversation))
    yield _fact("bytes", f"{figures.size(row.request_bytes)} sent", f"{figures.size(row.response_bytes)} received")
    settings = {name: value for name, value in conversation.settings.items() if name not in _UNIMPORTANT}
    if settings and whole:
        yield _fact("settings", json_text(settings, indent=None))
    if removed := secrets_removed(conversation.details):
        said = ", ".join(f"{kind} x{count}" for kind, count in removed.items())
        yield _fact("removed", said, style="magenta")
    if outbound := conversation.details.opened.get("outbound"):
        said = ", ".join(f"{secret['kind']} at {secret['place']}" for secret in outbound)
        yield _fact("outbound", f"carries a secret: {said}", style="yellow")
    if row.limit_note:
        yield _fact("limits", row.limit_note, style="yellow")
    if allowed := values_allowed(conversation.details):
        yield _fact("allowed", f"{figures.times(allowed, 'value')} that [redact] allow names")
    for anomaly in anomalies(conversation.details):
        yield _fact("anomaly", anomaly, style="yellow")


def _routing(conversation: Conversation) -> Iterator[RenderableType]:
    row, routed = conversation.row, conversation.details.opened.get("routed", {})
    if row.upstream is not None:
        yield _fact("sent to", row.upstream, row.sent_to, row.model_sent, f"by {row.route}")
    for one in routed.get("passed", ()):
        yield _fact("passed over", f"{one['upstream']}: {one['why']}", style="yellow")
    if row.protocol_sent is not None:
        provided = (conversation.details.closed or {}).get("provided", {})
        answered = f"HTTP {provided['status']} there" if provided else None
        yield _fact("translated", f"{row.protocol} → {row.protocol_sent}", answered)
    for one in routed.get("dropped", ()):
        count = f" ({one['count']} times)" if one["count"] > 1 else ""
        yield _fact("left out", f"{one['what']}{count}: {one['why']}", style="yellow")


def _fact(label: str, *parts: str | None, style: str = "") -> RenderableType:
    return beside(label, Text(clean_line(_DOT.join(filter(None, parts)) or figures.NOTHING), style=style))


def _model(row: InteractionRow) -> str:
    answered = row.model_answered if row.model_answered != row.model else None
    name = row.model or row.model_answered or figures.NOTHING
    how = "" if row.streaming is None else (", streamed" if row.streaming else ", not streamed")
    return f"{name}{f' → {answered}' if answered and row.model else ''}{_DOT}{row.provider} ({row.protocol}{how})"


def _agent(row: InteractionRow) -> str | None:
    if row.agent_id is None:
        return row.request_class
    kind = f" ({row.agent_type})" if row.agent_type else ""
    return f"subagent {row.agent_id}{kind}" + (f" of {row.parent_agent_id}" if row.parent_agent_id else "")


def _status(row: InteractionRow) -> str | None:
    return None if row.status is None else f"HTTP {row.status}"


def _tokens(row: InteractionRow) -> Iterator[str]:
    if row.input_tokens is None and row.output_tokens is None:
        yield "the provider did not say"
        return
    yield f"{figures.tokens(row.input_tokens)} in"
    yield f"{figures.tokens(row.cache_read_tokens)} from cache"
    yield f"{figures.tokens(cache_writes(row))} written to cache{_lifetimes(row)}"
    thinking = f" ({figures.tokens(row.thinking_tokens)} thinking)" if row.thinking_tokens else ""
    yield f"{figures.tokens(row.output_tokens)} out{thinking}"
    if row.web_search_requests:
        yield figures.times(row.web_search_requests, "web search", "web searches")


def _lifetimes(row: InteractionRow) -> str:
    if not row.cache_write_1h_tokens:
        return ""
    return f" ({figures.tokens(row.cache_write_5m_tokens)} for 5m, {figures.tokens(row.cache_write_1h_tokens)} for 1h)"


def _cost(conversation: Conversation, *, whole: bool) -> RenderableType:
    row = conversation.row
    cost = (conversation.details.closed or {}).get("cost", {})
    priced = _DOT.join(filter(None, (row.price_table, cost.get("model"))))
    rates = json_text(cost.get("rates"), indent=None) if whole and cost.get("rates") else None
    exact = f"exactly ${row.cost_usd}" if whole and row.cost_usd is not None else None
    style = "yellow" if is_cost_unknown(row) else ""
    return _fact("cost", cost_of(row), exact, priced, row.cost_reason, rates, style=style)


def _timing(conversation: Conversation) -> Iterator[str]:
    row, pace = conversation.row, conversation.pace
    yield f"first byte {figures.duration(row.ttft_ms)}"
    yield f"whole {figures.duration(row.duration_ms)}"
    if row.state == State.COMPLETE and row.output_tokens and row.duration_ms:
        yield f"{row.output_tokens / (row.duration_ms / 1000):.0f} tokens/s"
    if pace is not None:
        yield f"{figures.times(pace.events, 'event')}, longest pause {figures.duration(pace.longest_pause_ms)}"
