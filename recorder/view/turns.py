"""Lays out what is said: a speaker in the margin, the blocks beside, each tool's result under its call."""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from recorder.view import figures
from recorder.view.blocks import Block, BlockKind, Spoken
from recorder.view.folding import fold, tool_input
from recorder.view.paragraphs import Led, Paragraphs
from recorder.view.text import clean_line, first_line

MARGIN = 10
_TEXT_LINES = 40
_INPUT_LINES = 8
_RESULT_LINES = 10
_ONE_LINE = 300
_SHORT_INPUT = 100

_SPEAKERS = {"user": "bold cyan", "assistant": "bold green", "system": "bold magenta", "answer": "bold green"}


def beside(label: str, content: RenderableType, style: str = "dim") -> RenderableType:
    """Set `content` beside a label in the margin."""
    name = Text(clean_line(label), style=style)
    name.truncate(MARGIN, overflow="ellipsis", pad=True)
    return Led(Text.assemble(name, " ", end=""), Text(" " * (MARGIN + 1), end=""), content)


class TurnLayout:
    """Lays messages out. `results` by tool use id; those whose call was laid out are not repeated by themselves."""

    def __init__(
        self,
        results: Mapping[str, Block],
        *,
        notes: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        whole: bool,
    ) -> None:
        """`notes`: what to say beside a result; `names`: of tools; by tool use id. `whole`: nothing is folded."""
        self._results = results
        self._names = names or {}
        self._notes = notes or {}
        self._whole = whole
        self._paired: set[str] = set()

    def lay_out(self, spoken: Spoken, label: str | None = None) -> RenderableType | None:
        """Lay a message out; None when all that it says was laid out before."""
        blocks = [rendered for block in spoken.blocks for rendered in self._block(block)]
        if not blocks and spoken.blocks:
            return None
        name = label or spoken.role
        return beside(name, Group(*blocks or [Text("(empty)", style="dim")]), _SPEAKERS.get(name, "bold"))

    def _block(self, block: Block) -> Iterator[RenderableType]:
        match block.kind:
            case BlockKind.TEXT:
                yield from self._folded(block.text, _TEXT_LINES)
            case BlockKind.THINKING:
                yield from self._thinking(block)
            case BlockKind.CALL:
                yield from self._call(block)
            case BlockKind.RESULT if block.id not in self._paired:
                name = self._names.get(block.id or "") or block.id or "a call that is not shown"
                yield Text(f"result of {clean_line(name)}", style="dim yellow")
                yield self._result(block)
            case BlockKind.MEDIA | BlockKind.OTHER:
                yield Text(f"[{clean_line(block.name or block.kind)}]", style="magenta")
                yield from self._folded(block.text, _INPUT_LINES)

    def _folded(self, text: str, lines: int, style: str = "") -> Iterator[RenderableType]:
        folded = fold(text, None if self._whole else lines)
        yield Paragraphs(folded.shown, style)
        if folded.missing:
            yield Text(folded.missing, style="dim italic")

    def _thinking(self, block: Block) -> Iterator[RenderableType]:
        label = Text("thinking ", style="dim magenta")
        if not block.text:
            yield Text.assemble(label, (f"({block.name or 'not shown by the provider'})", "dim italic"))
        elif self._whole:
            yield label
            yield Padding(Group(*self._folded(block.text, 0, "dim italic")), (0, 0, 0, 2))
        else:
            size = Text(f"({figures.times(len(block.text), 'character')})  ", style="dim")
            beginning = Text(first_line(block.text, _ONE_LINE), style="dim italic")
            yield Text.assemble(label, size, beginning, no_wrap=True, overflow="ellipsis")

    def _call(self, block: Block) -> Iterator[RenderableType]:
        call_id = block.id or ""
        members = tool_input(block.input)
        name = Text(f"▶ {clean_line(block.name or 'unnamed')}", style="bold yellow")
        if len(members) == 1 and len(members[0][1]) <= _SHORT_INPUT and "\n" not in members[0][1]:
            yield Text.assemble(name, (f"  {clean_line(members[0][1])}", "yellow"))
        else:
            yield name
            yield from (Padding(part, (0, 0, 0, 2)) for part in self._members(members))
        if note := self._notes.get(call_id):
            yield Text(f"  {note}", style="dim")
        if result := self._results.get(call_id):
            self._paired.add(call_id)
            yield self._result(result)

    def _members(self, members: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
        for name, value in members:
            label = Text(f"{clean_line(name)}: " if name else "", style="dim")
            if "\n" not in value and len(value) <= _SHORT_INPUT:
                yield Text.assemble(label, clean_line(value))
            else:
                yield label
                yield Padding(Group(*self._folded(value, _INPUT_LINES)), (0, 0, 0, 2))

    def _result(self, block: Block) -> RenderableType:
        """Set a result behind a bar, red when the tool failed."""
        text = block.text or "(no output)"
        lines = list(self._folded(text, _RESULT_LINES, "red" if block.is_error else "dim"))
        head = [Text("failed", style="bold red")] if block.is_error else []
        bar = Text.assemble(("  │ ", "red" if block.is_error else "yellow"), end="")
        return Led(bar, bar, Group(*head, *lines))
