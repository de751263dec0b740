"""Options that several commands share, and the settings that stand behind them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from recorder.config import Settings


def settings(ctx: click.Context, **overrides: Any) -> "Settings":
    """Load the settings: configuration file, then environment, then the given flags (None means: not given)."""
    from recorder.config import load  # noqa: PLC0415 — not needed for `--help`

    return load(ctx.find_object(Path), os.environ, overrides)


def _database(ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    if value is None and not ctx.resilient_parsing:
        return settings(ctx).db
    return value


def db_option[F: Callable[..., Any]](function: F) -> F:
    """Add `--db PATH` (parameter `db: Path`): from the flag, RECORDER_DB, the configuration file, or the default."""
    option = click.option(
        "--db",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="RECORDER_DB",
        callback=_database,
        help="Database file. [env: RECORDER_DB; default: in the platform's data folder]",
    )
    return option(function)


def json_option[F: Callable[..., Any]](function: F) -> F:
    """Add `--json` (parameter `as_json: bool`): machine-readable output on stdout."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")(function)


def note_view(ctx: click.Context, db: Path, *interactions: str, **about: str | int | None) -> None:
    """Record that this command shows recorded content, where the settings ask for that."""
    if not settings(ctx).record_views:
        return
    from recorder.capture import noting  # noqa: PLC0415 — only where it is asked for

    if why_not := noting.note_view(db, ctx.info_name or "", *interactions, **about):
        say(f"this look at the record could not be recorded: {why_not}")


def say(message: str) -> None:
    """Print a notice for people on stderr, marked as the recorder's own."""
    click.echo(f"recorder: {message}", err=True)
