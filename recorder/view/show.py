"""One interaction for a reader: what it is, what was said before in short, what is new, the answer, what it took."""

from collections.abc import Iterator
from datetime import tzinfo

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from recorder.model import State
from recorder.view import figures
from recorder.view.blocks import Block, BlockKind
from recorder.view.conversation import Conversation, Turn, results_in
from recorder.view.facts import figures_of, head_of
from recorder.view.folding import fold
from recorder.view.paragraphs import Paragraphs
from recorder.view.states import colour
from recorder.view.text import clean, clean_line, first_line
from recorder.view.turns import TurnLayout, beside

_ONE_LINE = 300
"""More than the widest terminal; the terminal cuts."""


def show(conversation: Conversation, *, whole: bool = False, zone: tzinfo | None = None) -> RenderableType:
    """Lay an interaction out as a conversation; with `whole` nothing is folded."""
    return Group(
        *head_of(conversation, zone),
        *_rule("request"),
        *_request(conversation, whole=whole),
        *_rule("answer"),
        *answer_of(conversation, whole=whole),
        *_rule("figures"),
        *figures_of(conversation, whole=whole),
    )


def _rule(title: str) -> tuple[RenderableType, ...]:
    return Text(""), Rule(Text(title, style="dim"), style="dim", align="left")


def _request(conversation: Conversation, *, whole: bool) -> Iterator[RenderableType]:
    if conversation.unread_body is not None:
        yield from _unread(conversation, conversation.unread_body, whole=whole)
        return
    yield from _system(conversation, whole=whole)
    if conversation.tools:
        names = f"{len(conversation.tools)}: {clean_line(', '.join(conversation.tools))}"
        yield beside("tools", Text(names, style="dim") if whole else _one_line(names))
    yield from _turns(conversation.turns, whole=whole)
    if not conversation.turns:
        yield Text("no messages were recorded", style="dim")


def _unread(conversation: Conversation, body: bytes, *, whole: bool) -> Iterator[RenderableType]:
    said = f"This body is no request that could be read ({figures.size(len(body))}); "
    yield Text(f"{said}recorder body {conversation.row.id} --side request gives it as it is.", style="yellow")
    yield Paragraphs(fold(body.decode(errors="replace"), None if whole else 5).shown, "dim")


def _system(conversation: Conversation, *, whole: bool) -> Iterator[RenderableType]:
    if not conversation.system:
        return
    texts = [block.text for block in conversation.system]
    changed = " · new" if conversation.system_is_new else ""
    size = f"{figures.times(len(texts), 'block')}, {figures.times(sum(map(len, texts)), 'character')}{changed}"
    if whole:
        yield beside("system", Paragraphs("\n\n".join(map(clean, texts)), "dim"))
    else:
        beginning = first_line(max(texts, key=len), _ONE_LINE)
        yield beside("system", _one_line(f"{size} · {beginning}"))


def _one_line(text: str) -> Text:
    return Text(text, style="dim", no_wrap=True, overflow="ellipsis")


def _turns(turns: tuple[Turn, ...], *, whole: bool) -> Iterator[RenderableType]:
    """Lay new messages out, and the last one in any case; a run of older ones becomes one line."""
    results: dict[str, Block] = {}
    for turn in turns:
        results |= results_in(turn.spoken)
    layout = TurnLayout(results, names=_call_names(turns), whole=whole)
    folded = 0
    for turn in turns:
        if not (whole or turn.new or turn is turns[-1]):
            folded += 1
            continue
        if folded:
            yield _folded_turns(folded)
            folded = 0
        rendered = layout.lay_out(turn.spoken)
        if rendered is not None:
            yield rendered


def _call_names(turns: tuple[Turn, ...]) -> dict[str, str]:
    """Name the tool of each call, for results whose call is folded."""
    blocks = (block for turn in turns for block in turn.spoken.blocks if block.kind is BlockKind.CALL)
    return {block.id: block.name or "unnamed" for block in blocks if block.id}


def _folded_turns(count: int) -> Text:
    pronoun = "it" if count == 1 else "them"
    return Text(f"… {figures.times(count, 'earlier message')}, --all shows {pronoun}", style="dim italic")


def answer_of(conversation: Conversation, *, whole: bool) -> Iterator[RenderableType]:
    """Lay the answer out, or say why there is none."""
    row, details = conversation.row, conversation.details
    if row.state == State.OPEN:
        yield Text("The answer is not there yet.", style="cyan")
        return
    if row.state != State.COMPLETE:
        reason = " · ".join(filter(None, (row.error_type, details.error_message, row.state_reason)))
        yield Text(clean(f"{row.state}{': ' if reason else ''}{reason}"), style=colour(row.state))
    if conversation.answer is None:
        yield Text("No answer was recorded.", style="dim")
        return
    layout = TurnLayout(conversation.results, notes=_waits(conversation), whole=whole)
    rendered = layout.lay_out(conversation.answer, "answer")
    if rendered is not None:
        yield rendered


def _waits(conversation: Conversation) -> dict[str, str]:
    """Say of each tool call when its result came back, and in which interaction."""
    ids = figures.short_ids([call.result_id for call in conversation.calls])
    return {
        call.tool_use_id: f"result after {figures.duration(call.duration_ms)}, in {ids[call.result_id]}"
        if call.result_id
        else "no result was recorded"
        for call in conversation.calls
    }
