"""Conversations as lines of plain text, for programs that show nothing else; of the record, or of bytes on the wire."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.console import Console, Group, RenderableType
from rich.text import Text

from recorder.model import Headers
from recorder.view import figures
from recorder.view.blocks import Block, Spoken, decode, read_blocks, read_message, tool_name
from recorder.view.conversation import results_in
from recorder.view.text import clean_line
from recorder.view.turns import TurnLayout, beside
from recorder.wire.answer import assemble
from recorder.wire.classify import Call

_WIDTH = 100
_LISTS = frozenset({"system", "tools", "messages"})


def lines_of(layout: RenderableType, width: int = _WIDTH) -> list[str]:
    """Give what a terminal of this width would show, without colour and trailing blanks."""
    console = Console(width=width, color_system=None, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        console.print(layout)
    return [line.rstrip() for line in captured.get().splitlines()]


def request_lines(body: bytes) -> list[str]:
    """Lay a request's body out as the conversation that it is. Raises ValueError when it is none."""
    request = decode(body)
    if not isinstance(request, dict) or not isinstance(request.get("messages"), list):
        raise ValueError("no request with messages")  # noqa: TRY004 -- a value of the wrong kind, not an argument
    return lines_of(Group(*_request(request)))


def answer_lines(call: Call, status: int, headers: Headers, body: bytes) -> list[str]:
    """Lay an answer out, its content coding undone, streams put together. Raises ValueError when it says nothing."""
    plain = tuple((name, value) for name, value in headers if name != "content-encoding")  # undone by mitmproxy
    answer = assemble(call, status, plain, body, ())
    if answer.message is None:
        raise ValueError("no answer that could be read")
    spoken = read_message(answer.message, "assistant")
    rendered = TurnLayout({}, whole=True).lay_out(spoken, "answer")
    usage = answer.usage
    facts = [] if usage is None else [Text(_usage(usage))]
    return lines_of(Group(*([rendered] if rendered else []), *facts))


def _request(request: dict[str, Any]) -> Iterator[RenderableType]:
    settings = {name: value for name, value in request.items() if name not in _LISTS}
    yield beside("settings", Text(clean_line(msgspec.json.encode(settings).decode()), style="dim"))
    for block in read_blocks(request.get("system")):
        yield from _laid_out(Spoken("system", (block,)), {})
    if tools := request.get("tools"):
        names = [tool_name(msgspec.json.encode(tool)) for tool in tools] if isinstance(tools, list) else []
        yield beside("tools", Text(clean_line(f"{len(names)}: {', '.join(names)}")))
    messages = [read_message(msgspec.json.encode(message), "user") for message in request["messages"]]
    results: dict[str, Block] = {}
    for message in messages:
        results |= results_in(message)
    layout = TurnLayout(results, whole=True)
    for message in messages:
        if (rendered := layout.lay_out(message)) is not None:
            yield rendered


def _laid_out(spoken: Spoken, results: dict[str, Block]) -> Iterator[RenderableType]:
    if (rendered := TurnLayout(results, whole=True).lay_out(spoken)) is not None:
        yield rendered


def _usage(usage: Any) -> str:
    written = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
    counts = {"in": usage.input_tokens, "from cache": usage.cache_read_tokens, "to cache": written}
    return " · ".join(
        f"{figures.tokens(count)} {name}" for name, count in {**counts, "out": usage.output_tokens}.items()
    )
