"""How read commands write: JSON when asked for, a table on a terminal, plain tab-separated lines into a pipe."""

import os
import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_PIPED_WIDTH = 100
"""Columns of a layout that goes into a pipe; `COLUMNS` overrides it."""


def is_terminal() -> bool:
    """Tell whether stdout is a terminal."""
    return sys.stdout.isatty()


def print_json(value: Any) -> None:
    """Write one indented JSON text."""
    from recorder.view.text import json_text  # noqa: PLC0415 -- start-up time

    click.echo(json_text(value))


def print_rows(lines: Iterable[str], table: Callable[[int], "RenderableType"]) -> None:
    """Write a list: `table` for the terminal's width, or `lines` into a pipe."""
    if is_terminal():
        console = make_console()
        console.print(table(console.width))
    else:
        for line in lines:
            click.echo(line)


def print_layout(layout: "RenderableType") -> None:
    """Write something that is laid out in a pipe as well; there without colour and trailing blanks.

    On a terminal, what is longer than it goes through a pager: `$RECORDER_PAGER`, `$PAGER`, or `less`; an empty one
    means none.
    """
    console = make_console()
    with console.capture() as captured:
        console.print(layout)
    text = captured.get()
    if not console.is_terminal:
        click.echo("\n".join(line.rstrip() for line in text.splitlines()))
    elif text.count("\n") < console.height or not _ensure_pager():
        click.echo(text, nl=False, color=True)
    else:
        click.echo_via_pager(text, color=_shows_colour())


def _ensure_pager() -> bool:
    """Choose the pager as git does; False when the user wants none."""
    pager = os.environ.get("RECORDER_PAGER", os.environ.get("PAGER", "less"))
    if not pager.strip() or os.environ.get("TERM", "dumb") == "dumb":
        return False
    os.environ["PAGER"] = pager
    os.environ.setdefault("LESS", "FRX")
    return True


def _shows_colour() -> bool:
    """Tell whether the pager shows colours: `less`, with flags of the user's, writes their codes out without `-R`."""
    program, *flags = shlex.split(os.environ["PAGER"])
    flags += os.environ["LESS"].split()
    return Path(program).stem != "less" or any(("raw" if flag[:2] == "--" else "r") in flag.lower() for flag in flags)


def make_console() -> "Console":
    """Make a console on stdout that takes text as text: no markup, no emoji names, no guessed highlights.

    rich minds NO_COLOR, TERM and COLUMNS.
    """
    from rich.console import Console  # noqa: PLC0415 -- start-up time: JSON and pipes do without rich

    width = None if is_terminal() else int(os.environ.get("COLUMNS") or _PIPED_WIDTH)
    return Console(markup=False, emoji=False, highlight=False, width=width)
