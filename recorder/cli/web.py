"""`recorder web`: a page to look at the record with."""

import asyncio
import contextlib
import webbrowser
from pathlib import Path

import click

from recorder.cli.options import db_option, note_view, say, settings
from recorder.errors import RecorderError


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1. [default: any free one]")
@click.option("--open/--no-open", "opens", default=True, help="Open it in a browser. [default: --open]")
@db_option
@click.pass_context
def command(ctx: click.Context, /, *, port: int, opens: bool, db: Path) -> None:
    """Show the record in a browser, read-only, until Ctrl-C.

    Sessions and their conversations, usage and cost, search, secrets, errors, integrity. Only this machine reaches it,
    and only with the address that is printed: it holds a token that is made anew at each start.
    """
    from recorder.store.database import open_reader  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.web.site import Site  # noqa: PLC0415

    open_reader(db).close()  # what is wrong with it is said here, not in a browser
    noted = (lambda ids: note_view(ctx, db, *ids)) if settings(ctx).record_views else None
    try:
        site = Site(db.resolve(), port, noted)
    except OSError as error:
        raise RecorderError(f"--port {port}: {error.strerror}; give another, or none for any free one") from None
    say(f"{db} at {site.url}")
    say("stop with Ctrl-C")
    if opens:
        webbrowser.open(site.url)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(site.serve())
