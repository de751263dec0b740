"""`recorder web`: a page to look at the record with."""

import asyncio
import contextlib
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, note_view, say, settings
from recorder.errors import RecorderError

if TYPE_CHECKING:
    from recorder.policy.verdict import Standing
    from recorder.web.asked import Standings


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1. [default: any free one]")
@click.option("--open/--no-open", "opens", default=True, help="Open it in a browser. [default: --open]")
@db_option
@click.pass_context
def command(ctx: click.Context, /, *, port: int, opens: bool, db: Path) -> None:
    """Show the record in a browser, read-only, until Ctrl-C.

    Sessions and their conversations, usage and cost, budgets, search, secrets, errors, integrity. Only this machine
    reaches it, and only with the address that is printed: it holds a token that is made anew at each start.
    """
    from recorder.store.database import open_reader  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.web.site import Site  # noqa: PLC0415

    open_reader(db).close()  # what is wrong with it is said here, not in a browser
    noted = (lambda ids: note_view(ctx, db, *ids)) if settings(ctx).record_views else None
    try:
        site = Site(db.resolve(), port, noted, _standings(ctx, db))
    except OSError as error:
        raise RecorderError(f"--port {port}: {error.strerror}; give another, or none for any free one") from None
    say(f"{db} at {site.url}")
    say("stop with Ctrl-C")
    if opens:
        webbrowser.open(site.url)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(site.serve())


def _standings(ctx: click.Context, db: Path) -> "Standings":
    """Return what reads the budgets anew at each look, so that a configuration that is changed shows."""

    def read() -> "Sequence[Standing]":
        from recorder.cli.budget import limits_in_force  # noqa: PLC0415 -- start-up time
        from recorder.limits.overview import read_standings  # noqa: PLC0415

        limits = limits_in_force(ctx)
        return read_standings(db, limits, settings(ctx).model_names) if limits.budgets else ()

    return read
