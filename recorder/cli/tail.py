"""`recorder tail`: interactions as they happen."""

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, json_option, settings
from recorder.model import FlowClass, State

if TYPE_CHECKING:
    from recorder.cli.anchor_watch import AnchorWatch
    from recorder.store.database import Database
    from recorder.store.results import Followed

_POLL_SECONDS = 0.25
"""Soon enough for a person; asking costs one look at the end of one table."""


@click.command()
@click.option("-n", "count", type=click.IntRange(min=0), default=10, show_default=True, help="Begin with the last N.")
@click.option("--follow/--no-follow", default=True, help="Wait for more. [default: --follow]")
@db_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, count: int, follow: bool, db: Path, as_json: bool) -> None:
    """Show model calls as they open and close, until Ctrl-C or until nobody reads any more.

    With --json, one JSON object a line: `event` is opened or closed, the rest is as in `recorder interactions --json`.
    Anchors that fail are told on stderr.
    """
    from recorder.cli.anchor_watch import AnchorWatch  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415 -- start-up time of `--help`

    write = _writer(as_json=as_json)
    with open_reader(db) as database:
        try:
            anchors = AnchorWatch(database, settings(ctx).anchor)
            for event in _events(database, count, anchors, follow=follow):
                write(event)
            sys.stdout.flush()
        except KeyboardInterrupt:
            click.echo(err=True)
        except BrokenPipeError:
            # Python flushes stdout once more at its end and would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _events(db: "Database", count: int, anchors: "AnchorWatch", *, follow: bool) -> Iterator["Followed"]:
    """Yield the last `count` interactions as they stand, then, when told to, what happens from there on."""
    from recorder.ledger.kinds import RecordKind  # noqa: PLC0415
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.results import Followed  # noqa: PLC0415

    seq = queries.last_seq(db)
    anchors.look(seq)
    seen: set[tuple[str, str]] = set()
    rows = queries.list_interactions(db, flow_class=FlowClass.MODEL, limit=count) if count else []
    for row in reversed(rows):
        kind = RecordKind.OPENED if row.state == State.OPEN else RecordKind.CLOSED
        seen |= {(row.id, RecordKind.OPENED), (row.id, kind)}
        yield Followed(seq, kind, row)
    while follow:
        last = queries.last_seq(db)
        anchors.look(last)
        for event in queries.follow(db, seq) if last > seq else ():
            seq = event.seq
            # A record that was written between the two queries above was shown already.
            if event.row.flow_class == FlowClass.MODEL and (event.row.id, event.kind) not in seen:
                yield event
        if _is_hung_up(_POLL_SECONDS):
            return


def _writer(*, as_json: bool) -> Callable[["Followed"], None]:
    from recorder.cli import printing  # noqa: PLC0415

    if as_json:
        from recorder.view import asjson  # noqa: PLC0415
        from recorder.view.text import json_text  # noqa: PLC0415

        return lambda event: print(json_text(asjson.followed(event), indent=None), flush=True)
    from recorder.view.live import live_line, live_text  # noqa: PLC0415

    if printing.is_terminal():
        console = printing.make_console()
        return lambda event: console.print(live_text(event), no_wrap=True, overflow="ellipsis")
    return lambda event: print(live_line(event), flush=True)


def _is_hung_up(seconds: float) -> bool:
    """Wait, and tell whether whoever reads stdout has gone; a reader that goes ends the wait."""
    if not hasattr(select, "poll"):  # Windows: the next line written will tell
        time.sleep(seconds)
        return False
    watch = select.poll()
    watch.register(sys.stdout.fileno(), 0)
    return bool(watch.poll(seconds * 1000))
