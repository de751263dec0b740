"""`recorder gaps`: what is not on the record, or not whole."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.options import db_option, json_option
from recorder.cli.when import when

if TYPE_CHECKING:
    from recorder.store.gaps import Gap


@click.command()
@click.option("--since", metavar="TIME", callback=when, help="What ended after then: 2h, 7d, today, 2026-11-23T14:05.")
@db_option
@json_option
def command(*, db: Path, since: datetime | None, as_json: bool) -> None:
    """List what was not recorded, or not whole: why, from when to when, how many requests and bytes.

    \b
    unrecorded   went by, because on_failure is `pass` and it could not be recorded
    lost         open when its recorder died, or its answer could not be recorded
    aborted      the client or the provider broke off: the answer is there as far as it came
    blocked      refused by the recorder, or its answer withheld from the client
    withheld     recorded without content, which could not be redacted
    crash        a recorder ended without saying so, found at the next start
    unclean end  the same, and no start has found it yet
    discrepancy  the record was not found as it was left
    refused      a request that no client of the recorder's sent

    Exit code 1 when there is any.
    """
    from recorder.capture.run_lock import is_alive  # noqa: PLC0415
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.gaps import find_gaps  # noqa: PLC0415
    from recorder.store.queries import list_runs  # noqa: PLC0415

    with open_reader(db) as reader:
        running = frozenset(run.id for run in list_runs(reader) if run.stopped_utc is None and is_alive(db, run.id))
        found = find_gaps(reader, running)
    if since:
        from_then = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        found = [gap for gap in found if (gap.until_utc or "~") >= from_then]
    if as_json:
        printing.print_json([_json(gap) for gap in found])
    elif not found:
        click.echo("Nothing is missing.", err=True)
    else:
        from recorder.view.gaps import gap_lines, gaps_table  # noqa: PLC0415

        printing.print_rows(gap_lines(found), lambda width: gaps_table(found, width))
    sys.exit(1 if found else 0)


def _json(gap: "Gap") -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    return msgspec.structs.asdict(gap) | {"seconds": gap.seconds}
