"""Two requests side by side, as a unified diff with headings; runs of what is the same are one line."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from recorder.model import Slot
from recorder.store.results import InteractionRow
from recorder.view import figures
from recorder.view.comparison import Comparison, Difference, Parameter, Run
from recorder.view.states import model_name
from recorder.view.text import clean, clean_line, json_text

_MOST_LINES = 60
"""Of one change, unless all is asked for."""
_ELEMENTS = {Slot.SYSTEM: "block", Slot.TOOLS: "tool", Slot.MESSAGES: "message"}
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def diff(comparison: Comparison, *, whole: bool = False, zone: tzinfo | None = None) -> RenderableType:
    """Lay a comparison out; with `whole` no change is cut."""
    return Group(
        _head("---", comparison.before, "red", zone),
        _head("+++", comparison.after, "green", zone),
        *([Text("The requests are the same, cache marks aside.", style="dim")] if comparison.is_same else []),
        differences(comparison, whole=whole),
    )


def differences(difference: Difference, *, whole: bool = False) -> RenderableType:
    """Lay out what differs, without saying between which requests."""
    return Group(
        *_parameters(difference.parameters),
        *(line for slot, runs in difference.lists.items() for line in _list(slot, runs, whole=whole)),
    )


def _head(sign: str, row: InteractionRow, style: str, zone: tzinfo | None) -> Text:
    when = figures.local_time(row.started_utc, zone)
    said = f"  {when} · {model_name(row)} · {figures.size(row.request_bytes)}"
    return Text.assemble((f"{sign} {row.id}", f"bold {style}"), (clean_line(said), "dim"))


def _parameters(parameters: Sequence[Parameter]) -> Iterator[RenderableType]:
    if not parameters:
        return
    yield from _rule("parameters")
    for one in parameters:
        if one.before is not None:
            yield Text(clean_line(f"-{one.path}: {_value(one.before)}"), style="red")
        if one.after is not None:
            yield Text(clean_line(f"+{one.path}: {_value(one.after)}"), style="green")


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value, indent=None)


def _list(slot: Slot, runs: Sequence[Run], *, whole: bool) -> Iterator[RenderableType]:
    if all(run.kind == "equal" for run in runs):
        return
    yield from _rule(slot.value)
    for run in runs:
        yield from _run(_ELEMENTS[slot], run, whole=whole)


def _run(element: str, run: Run, *, whole: bool) -> Iterator[RenderableType]:
    gone, come = run.before[1] - run.before[0], run.after[1] - run.after[0]
    if run.kind == "equal":
        yield Text(f"  {figures.times(gone, f'{element} the same', f'{element}s the same')}", style="dim italic")
        return
    said = {
        "replace": f"{element} {_positions(run.before)} → {_positions(run.after)} changed",
        "delete": f"{figures.times(gone, element)} removed ({_positions(run.before)})",
        "insert": f"{figures.times(come, element)} added ({_positions(run.after)})",
    }[run.kind]
    yield Text(f"@ {said}", style="bold cyan")
    shown = run.lines if whole else run.lines[:_MOST_LINES]
    for line in shown:
        if not line.startswith("@@"):
            yield Text(clean(line), style=_STYLES.get(line[:1], "dim"))
        elif line is not run.lines[0]:
            yield Text("  …", style="dim")
    if missing := len(run.lines) - len(shown):
        yield Text(f"… {figures.times(missing, 'more line')}, --all shows them", style="dim italic")


def _positions(run: tuple[int, int]) -> str:
    return str(run[0]) if run[1] - run[0] == 1 else f"{run[0]}-{run[1] - 1}"


def _rule(title: str) -> tuple[RenderableType, ...]:
    return Text(""), Rule(Text(title, style="dim"), style="dim", align="left")
