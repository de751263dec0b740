"""`recorder anchor`: checkpoints in places outside of this machine's database."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, json_option, settings
from recorder.errors import ConfigError, RecorderError

if TYPE_CHECKING:
    from recorder.config import AnchorSettings


@click.group()
def command() -> None:
    """Keep checkpoints where whoever writes the database cannot reach: `[[anchor]]` in recorder.toml."""


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@db_option
@click.pass_context
def now(ctx: click.Context, /, names: tuple[str, ...], *, db: Path) -> None:
    """Put the newest checkpoint into the anchors, all or those that are named.

    A recorder does so by itself: every so many minutes or records, and when it stops. Exit code 1 when one failed.
    """
    from recorder.anchor.anchoring import anchor_now  # noqa: PLC0415 -- start-up time of `--help`

    outcomes = anchor_now(db, _configured(ctx, names))
    for outcome in outcomes:
        click.echo(f"{outcome.name}: {outcome.failure or f'{outcome.size} records'}")
        if outcome.unrecorded:
            click.echo(f"{outcome.name}: not on the record: {outcome.unrecorded}", err=True)
    ctx.exit(1 if any(outcome.failure for outcome in outcomes) else 0)


@command.command("list")
@db_option
@json_option
@click.pass_context
def list_(ctx: click.Context, /, *, db: Path, as_json: bool) -> None:
    """List the anchors: what they are, what they took last, and whether they failed since."""
    from recorder.anchor.anchoring import last_anchored, last_outcomes  # noqa: PLC0415
    from recorder.cli import printing  # noqa: PLC0415
    from recorder.view.columns import tab_lines  # noqa: PLC0415

    last, taken = (last_outcomes(db), last_anchored(db)) if db.exists() else ({}, {})
    rows = [
        {
            "name": one.name,
            "type": one.type,
            "records": taken.get(one.name, {}).get("size"),
            "anchored_utc": taken.get(one.name, {}).get("at_utc"),
            "failure": last.get(one.name, {}).get("reason"),
        }
        for one in _configured(ctx, ())
    ]
    if as_json:
        printing.print_json(rows)
        return
    for line in tab_lines(tuple(rows[0]), [list(row.values()) for row in rows]):
        click.echo(line)


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@db_option
@click.pass_context
def verify(ctx: click.Context, /, names: tuple[str, ...], *, db: Path) -> None:
    """Read what the anchors hold, and compare each checkpoint with the record's leaf hashes.

    `recorder verify` does this as well, and all the rest. Exit code 1 when one cannot be read or does not fit.
    """
    from recorder.cli import verifying  # noqa: PLC0415
    from recorder.ledger.checkpoint import open_checkpoint  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.ledger_rows import roots_at  # noqa: PLC0415

    is_wrong = False
    with open_reader(db) as reader:
        keys = verifying.own_keys(reader, db)
        for one in _configured(ctx, names):
            try:
                notes = verifying.anchor_notes(one, verifying.maybe_origin(reader, db) or "")
                checkpoints = [open_checkpoint(note, keys) for note in notes]
            except (RecorderError, ValueError) as error:
                is_wrong = True
                click.echo(f"{one.name}: {error}")
                continue
            roots = roots_at(reader, {checkpoint.size for checkpoint in checkpoints})
            wrong = [checkpoint for checkpoint in checkpoints if roots.get(checkpoint.size) != checkpoint.root]
            is_wrong = is_wrong or bool(wrong) or not notes
            newest = max((checkpoint.size for checkpoint in checkpoints), default=0)
            verdict = f"{len(wrong)} of them do not fit the record" if wrong else "all fit"
            click.echo(f"{one.name}: {len(notes)} checkpoints, the newest over {newest} records; {verdict}")
    ctx.exit(1 if is_wrong else 0)


def _configured(ctx: click.Context, names: tuple[str, ...]) -> "tuple[AnchorSettings, ...]":
    anchors = settings(ctx).anchor
    if not anchors:
        raise ConfigError("there is no [[anchor]] in the configuration; docs/anchors.md says how to write one")
    known = [one.name for one in anchors]
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(f"no anchor is called {unknown[0]}; known are {', '.join(known)}")
    return tuple(one for one in anchors if not names or one.name in names)
