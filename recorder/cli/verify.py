"""`recorder verify`: is every record there, unchanged and signed; are the parts and tables what the records say?"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, json_option, say, settings

if TYPE_CHECKING:
    from recorder.store.verification import Report

EPILOG = """\b
Exit codes:  0 ok                  13 truncated: a checkpoint knows more records
            10 gap                 14 modified
            11 content missing     15 missing: records were taken out
            12 unsigned            16 forked: two histories were signed
             1, 2 as always        17 wrong key
"""


def _print_verifier(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from recorder.evidence.verifiers import LEDGER, verifier_path  # noqa: PLC0415 -- start-up time of `--help`

        click.echo(verifier_path(LEDGER))
        ctx.exit()


@click.command(epilog=EPILOG)
@db_option
@click.option(
    "--checkpoint",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File with checkpoints that were kept elsewhere. May be repeated.",
)
@click.option(
    "--public-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File with the public keys to trust, one a line. [default: this machine's own]",
)
@click.option(
    "--since",
    metavar="FILE|last",
    help="Go on from a checkpoint of an earlier verification, or from the last one here that found all in order.",
)
@click.option(
    "--export",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write records and checkpoints to a file for the stand-alone verifier, and verify nothing.",
)
@click.option(
    "--verifier",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_verifier,
    help="Print the path of the stand-alone verifier, and verify nothing.",
)
@json_option
@click.pass_context
def command(  # noqa: PLR0913 — each is an option
    ctx: click.Context,
    /,
    *,
    db: Path,
    checkpoint: tuple[Path, ...],
    public_key: Path | None,
    since: str | None,
    export: Path | None,
    as_json: bool,
) -> None:
    """Verify the record: every record, the tree, every signature, every part, every table.

    Checkpoints that were kept elsewhere prove that nothing older than them was rewritten, even by someone who has the
    signing key. Without any, the newest one that this machine remembers is taken. With --since, what was verified
    before is held against the tree alone: an edit that was made there since and left its hash is not looked for.
    """
    from recorder.cli import verifying  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.bar import Bar  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.verification import verify  # noqa: PLC0415

    with open_reader(db) as reader:
        verifying.refuse_imported(reader, db)
        if export:
            from recorder.capture.noting import note_export  # noqa: PLC0415
            from recorder.cli.ledger_export import write_export  # noqa: PLC0415

            if why_not := note_export(db, write_export(reader, export)):
                say(f"this export could not be recorded: {why_not}")
            return
        keys = verifying.read_keys(public_key) if public_key else verifying.own_keys(reader, db)
        notes = [note for path in checkpoint for note in verifying.read_notes(path)]
        anchors = settings(ctx).anchor
        anchored, unread = (
            verifying.anchored_notes(anchors, verifying.maybe_origin(reader, db)) if anchors else ([], [])
        )
        notes += anchored
        with Bar("verifying") as progress:
            report = verify(
                reader,
                keys,
                [*notes, *verifying.own_notes(db)],
                progress,
                _now(),
                since=verifying.since_notes(since, db),
                helpers=(os.cpu_count() or 1) - 1,
            )
    if report.is_untouched and report.newest:
        verifying.remember_verified(db, report.newest)
    for name, why_not in unread:
        say(f"anchor {name} was not used: {why_not}")
    if as_json:
        from recorder.cli.printing import print_json  # noqa: PLC0415

        print_json(report.members())
    else:
        _print(report)
    sys.exit(report.verdict.exit_code)


def _now() -> str:
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _print(report: "Report") -> None:
    for finding in report.findings:
        click.echo(f"{finding.verdict}: {finding.text}")
    for verdict, count in report.counts.items():
        shown = sum(finding.verdict == verdict for finding in report.findings)
        if count > shown:
            click.echo(f"{verdict}: and {count - shown} more")
    for silence in report.silences:
        until = f"until {silence.until_utc}" if silence.until_utc else "to this day"
        click.echo(f"note: no sign of life of recorder {silence.run_id[:8]} since {silence.since_utc} {until}")
    if report.clock_set_back:
        click.echo(f"note: the clock was set back before record {report.clock_set_back[0]}")
    if report.since:
        click.echo(f"note: what is older than record {report.since + 1} was held against the tree alone")
    click.echo(
        f"{report.verdict}: {report.records} records, {report.parts} parts, {report.checkpoints} signed checkpoints"
    )
