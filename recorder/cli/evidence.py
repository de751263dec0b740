"""`recorder evidence`: what an auditor can verify without the recorder, as one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.options import db_option, say, settings
from recorder.cli.when import when
from recorder.errors import StoreError

if TYPE_CHECKING:
    from recorder.evidence.pack import Made, Order
    from recorder.store.database import Database


@click.command()
@click.option("--since", metavar="TIME", callback=when, help="From then on: 30d, 2026-11-01, 2026-11-23T14:05.")
@click.option("--until", metavar="TIME", callback=when, help="Before then.")
@click.option("--session", metavar="ID", help="Only this session; the beginning of its id is enough.")
@click.option("--project", help="Only this project.")
@click.option("--user", help="Only this user.")
@click.option("--without-content", is_flag=True, help="Leave prompts, answers and tool calls out; records alone.")
@click.option(
    "--checkpoint",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File with checkpoints that the auditor kept, so that the pack can be held against them. May be repeated.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to make (zip); nothing is overwritten.",
)
@db_option
@click.pass_context
def command(
    ctx: click.Context, /, *, db: Path, output: Path, checkpoint: tuple[Path, ...], without_content: bool, **given: Any
) -> None:
    """Put records, proofs, redacted content and reports into one file that an auditor verifies with Python alone.

    In the unpacked folder: python3 verify.py --public-key KEY. README.txt there says how, what is proved, and what is
    not. With times alone the pack has every record of that time; with a session, project or user it has only theirs.

    The pack is an `export` record in the ledger, with its SHA-256. Its contents are as redacted as the record.
    """
    from recorder.cli.bar import Bar  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.filters import filters  # noqa: PLC0415
    from recorder.cli.new_file import NewFile  # noqa: PLC0415
    from recorder.evidence.pack import write_pack  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    with NewFile(output) as new:
        _ensure_signed(db)
        with open_reader(db) as reader, Bar("making the pack") as progress:
            chosen = {name: value for name, value in filters(reader, **given).items() if value is not None}
            notes = [*_kept(db, checkpoint), *_anchored(ctx, reader, db)]
            order = _order(reader, db, notes=notes, filters=chosen, content=not without_content)
            made = write_pack(reader, new.file, order, progress)
        sha256 = new.finish()
        _note(db, order, made, output, sha256)
        new.keep()
    _print(order, made, output, sha256)


def _ensure_signed(db: Path) -> None:
    """See to it that the newest checkpoint is by the key in use. Raises ConfigError, StoreError."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from recorder.capture.noting import sign_anew  # noqa: PLC0415
    from recorder.cli import verifying  # noqa: PLC0415
    from recorder.ledger.note import open_note  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.ledger_rows import stored_notes  # noqa: PLC0415

    with open_reader(db) as reader:
        verifying.refuse_imported(reader, db)
        notes = [note for _, note in stored_notes(reader)]
        key = verifying.own_keys(reader, db)[:1]
    try:
        open_note(notes[-1] if notes else "", key)
    except ValueError:  # by the key before it, which the next signature says; or by another machine's
        if why_not := sign_anew(db, datetime.now(UTC)):
            raise StoreError(f"{why_not}; make the pack where the record is made") from None


def _kept(db: Path, checkpoint: tuple[Path, ...]) -> "list[tuple[str, str]]":
    from recorder.cli import verifying  # noqa: PLC0415

    return [*(note for path in checkpoint for note in verifying.read_notes(path)), *verifying.own_notes(db)]


def _anchored(ctx: click.Context, reader: "Database", db: Path) -> "list[tuple[str, str]]":
    from recorder.cli import verifying  # noqa: PLC0415

    notes, unread = verifying.anchored_notes(settings(ctx).anchor, verifying.maybe_origin(reader, db))
    for name, why_not in unread:
        say(f"anchor {name} was not used: {why_not}")
    return notes


def _order(reader: "Database", db: Path, **given: Any) -> "Order":
    from datetime import UTC, datetime  # noqa: PLC0415

    from recorder.capture.run_lock import is_alive  # noqa: PLC0415
    from recorder.capture.signing_keys import read_signing_keys  # noqa: PLC0415
    from recorder.cli import verifying  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415
    from recorder.evidence.pack import Order  # noqa: PLC0415
    from recorder.store.queries import list_runs  # noqa: PLC0415

    signing = read_signing_keys(config_dir())
    assert signing is not None, "own_keys was had"
    return Order(
        made_utc=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        key=signing.key,
        keys=verifying.own_keys(reader, db),
        alive=frozenset(run.id for run in list_runs(reader) if run.stopped_utc is None and is_alive(db, run.id)),
        **given,
    )


def _note(db: Path, order: "Order", made: "Made", output: Path, sha256: str) -> None:
    from recorder.capture.noting import Exported, note_export  # noqa: PLC0415
    from recorder.evidence.pack import asked  # noqa: PLC0415

    count = made.selection.records
    told = asked(order.filters) | ({} if order.content else {"content": "none"})
    exported = Exported(format="evidence", filters=told, count=count, sha256=sha256, file=output.name)
    if why_not := note_export(db, exported):
        raise StoreError(f"no pack was made, because it could not be recorded: {why_not}")


def _print(order: "Order", made: "Made", output: Path, sha256: str) -> None:
    from recorder.view import figures  # noqa: PLC0415

    chosen = made.selection
    contents = figures.times(chosen.parts, "content") if order.content else "no contents"
    click.echo(f"{output}: {figures.times(chosen.records, 'record')} of {made.head.size}, {contents}")
    click.echo(f"the record as a whole: {made.report.verdict}")
    click.echo(f"SHA-256 {sha256}, noted in the record")
