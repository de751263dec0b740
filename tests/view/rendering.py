"""Renders as a terminal would."""

import io

from rich.console import Console


def render(view, width=80, *, colour=False):
    """Return what a terminal of this width shows, trailing blanks removed; with `colour`, its escapes as well."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colour,
        color_system="truecolor" if colour else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(view)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())
