"""`recorder export`: interactions as other tools take them."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.filters import filter_options, filters
from recorder.cli.options import db_option, say

if TYPE_CHECKING:
    from recorder.export.run import Export

_FORMATS = ("jsonl", "csv", "har", "otlp", "langfuse-otlp", "ocsf")
_STDOUT = Path("-")


@click.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), help="What to write.  [required]")
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), help="File to write; - for standard output.")
@filter_options
@click.option("--user", help="Only this user, as `recorder usage --by user` names them.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only interactions after this number (`seq`).")
@click.option(
    "--content", is_flag=True, help="With what was said, in otlp and langfuse-otlp; the others decide themselves."
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--resume", is_flag=True, help="Go on with an export that was broken off, with what was asked for then.")
@db_option
def command(*, form: str | None, path: Path | None, force: bool, resume: bool, db: Path, **given: Any) -> None:
    """Write interactions to a file, in the order in which they began. docs/exports.md describes the formats.

    Nothing is written that is not on record, and secrets were removed before it was. The file is for its owner alone.
    Until it is complete it is PATH.partial. Each export becomes a record itself, with the file's SHA-256.
    """
    from recorder.export.run import Export  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.database import open_reader  # noqa: PLC0415

    if path is None:
        raise click.UsageError("say where to with -o: a file, or - for standard output")
    with open_reader(db) as database, _progress() as progress:
        asked = None if resume else _asked(database, form, given)
        export = Export(database, asked, progress)
        try:
            if resume:
                _refuse_with_resume(form, path, given)
                export.resume(path)
            elif path == _STDOUT:
                _refuse_terminal()
                export.to_stream(sys.stdout.buffer)
            else:
                export.to_file(path, force=force)
        except KeyboardInterrupt:
            say(f"stopped after {export.count} of {export.total} interactions{_how_to_go_on(path)}")
            raise
        finally:
            if export.sha256:
                _note(db, export, path)
    _tell(export, path)


def _asked(database: Any, form: str | None, given: dict[str, Any]) -> Any:
    from recorder.export.asked import Asked  # noqa: PLC0415 -- start-up time
    from recorder.export.formats import FORMATS  # noqa: PLC0415

    if form is None:
        raise click.UsageError(f"say what to write with --format: {', '.join(_FORMATS)}")
    flow_class = "model" if FORMATS[form].models_only else None
    return Asked(format=form, flow_class=flow_class, **filters(database, **given))


def _refuse_with_resume(form: str | None, path: Path, given: dict[str, Any]) -> None:
    if path == _STDOUT:
        raise click.UsageError("--resume goes on with a file; name it with -o")
    if form or any(given.values()):
        raise click.UsageError("--resume goes on with what was asked for then; give -o and --db alone")


def _refuse_terminal() -> None:
    if sys.stdout.isatty():
        raise click.UsageError("recorded text can steer a terminal; pipe it, or name a file with -o")


def _note(db: Path, export: "Export", path: Path) -> None:
    from recorder.capture.noting import Exported, note_export  # noqa: PLC0415 -- start-up time

    exported = Exported(
        format=export.asked.format,
        filters=export.asked.told(),
        count=export.count,
        sha256=export.sha256,
        file=None if path == _STDOUT else path.name,
        interrupted=None if export.complete else True,
    )
    if why_not := note_export(db, exported):
        say(f"this export could not be recorded: {why_not}")


def _how_to_go_on(path: Path) -> str:
    return "" if path == _STDOUT else f"; go on with: recorder export --resume -o {path}"


def _tell(export: "Export", path: Path) -> None:
    if path != _STDOUT:
        say(f"{path}: {export.count:,} interactions, SHA-256 {export.sha256}")
    if export.incomplete:
        say(f"of {export.incomplete:,} of them content was erased or is damaged; the export says which")


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show how far it is, on a terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = (*Progress.get_default_columns()[:-1], MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    task = bar.add_task("exporting", total=None)

    def show(done: int, of: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=of)

    try:
        yield show
    finally:
        bar.stop()
