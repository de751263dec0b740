"""`recorder export`: interactions as other tools take them."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from recorder.cli.filters import filter_options, filters
from recorder.cli.options import db_option, say
from recorder.errors import RecorderError

if TYPE_CHECKING:
    from recorder.export.run import Export

_FORMATS = ("jsonl", "csv", "parquet", "otlp", "langfuse-otlp", "ocsf", "har", "html", "bundle")
_STDOUT = Path("-")


@click.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), help="What to write.  [required]")
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), help="File to write; - for standard output.")
@filter_options
@click.option("--user", help="Only this user, as `recorder usage --by user` names them.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only interactions after this number (`seq`).")
@click.option("--content", is_flag=True, help="With what was said; otlp and langfuse-otlp leave it out otherwise.")
@click.option("--endpoint", metavar="URL", help="Send it to this OTLP/HTTP endpoint (otlp, langfuse-otlp).")
@click.option(
    "--header", "headers", multiple=True, metavar="NAME=VALUE", help="For --endpoint; env:VAR as VALUE works."
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--resume", is_flag=True, help="Go on with an export that was broken off, with what was asked for then.")
@db_option
def command(  # noqa: PLR0913 -- each is an option
    *,
    form: str | None,
    path: Path | None,
    endpoint: str | None,
    headers: tuple[str, ...],
    force: bool,
    resume: bool,
    db: Path,
    **given: Any,
) -> None:
    """Write interactions to a file, in the order in which they began. docs/exports.md describes the formats.

    Nothing is written that is not on record, and secrets were removed before it was. The file is for its owner alone.
    Until it is complete it is PATH.partial. Each export becomes a record itself, with the file's SHA-256.
    """
    from recorder.cli.bar import Bar  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.export.run import Export  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    _check(form, path, endpoint, headers, given, resume=resume)
    with open_reader(db) as database, Bar("exporting") as progress:
        export = Export(database, None if resume else _asked(database, form or "", given), progress)
        rejected = 0
        try:
            if endpoint:
                rejected = _send(export, endpoint, headers)
            elif path == _STDOUT:
                export.to_stream(sys.stdout.buffer)
            elif resume:
                export.resume(path or _STDOUT)
            else:
                export.to_path(path or _STDOUT, force=force)
        except KeyboardInterrupt:
            say(f"stopped after {export.count} of {export.total} interactions{_how_to_go_on(path)}")
            raise
        finally:
            if export.sha256:
                _note(db, export, path, endpoint)
    _tell(export, path, endpoint)
    if rejected:
        raise RecorderError(f"{endpoint}: rejected {rejected} spans")


def _check(  # noqa: PLR0913 -- each is an option
    form: str | None,
    path: Path | None,
    endpoint: str | None,
    headers: tuple[str, ...],
    given: dict[str, Any],
    *,
    resume: bool,
) -> None:
    if (path is None) == (endpoint is None):
        raise click.UsageError("say where to with -o: a file, or - for standard output; or with --endpoint")
    if headers and not endpoint:
        raise click.UsageError("--header is for --endpoint")
    if resume:
        _check_resume(form, path, given)
    elif form is None:
        raise click.UsageError(f"say what to write with --format: {', '.join(_FORMATS)}")
    else:
        _check_format(form, path, endpoint, given)


def _check_resume(form: str | None, path: Path | None, given: dict[str, Any]) -> None:
    if path in {None, _STDOUT}:
        raise click.UsageError("--resume goes on with a file; name it with -o")
    if form or any(given.values()):
        raise click.UsageError("--resume goes on with what was asked for then; give -o and --db alone")


def _check_format(form: str, path: Path | None, endpoint: str | None, given: dict[str, Any]) -> None:
    from recorder.export.formats import FORMATS  # noqa: PLC0415 -- start-up time

    if given["content"] and not FORMATS[form].takes_content:
        raise click.UsageError(f"--content is for otlp and langfuse-otlp; {form} has what it has a place for")
    if endpoint and not FORMATS[form].is_sent:
        raise click.UsageError(f"--endpoint is for otlp and langfuse-otlp; write {form} to a file with -o")
    if FORMATS[form].is_session:
        _check_session(form, given)
    if path == _STDOUT and FORMATS[form].is_folder:
        raise click.UsageError(f"{form} is a folder of files; name it with -o")
    if path == _STDOUT and sys.stdout.isatty():
        raise click.UsageError("recorded text can steer a terminal; pipe it, or name a file with -o")


def _check_session(form: str, given: dict[str, Any]) -> None:
    if not given["session"]:
        raise click.UsageError(f"a {form} is one session; say which with --session ID (`recorder sessions` lists them)")
    if more := [name for name, value in given.items() if value and name != "session"]:
        raise click.UsageError(f"a {form} is one whole session; leave --{more[0]} out")


def _asked(database: Any, form: str, given: dict[str, Any]) -> Any:
    from recorder.export.asked import Asked  # noqa: PLC0415 -- start-up time
    from recorder.export.formats import FORMATS  # noqa: PLC0415

    flow_class = "model" if FORMATS[form].models_only else None
    return Asked(format=form, flow_class=flow_class, **filters(database, **given))


def _send(export: "Export", endpoint: str, headers: tuple[str, ...]) -> int:
    from recorder.export.push import Push  # noqa: PLC0415 -- start-up time

    push = Push(endpoint, dict(map(_header, headers)))
    export.to_endpoint(push)
    return push.rejected


def _header(text: str) -> tuple[str, str]:
    """Read a header; `env:VAR` keeps its value out of the list of processes."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError("--header: give NAME=VALUE")
    if value.startswith("env:"):
        variable = value.removeprefix("env:")
        if variable not in os.environ:
            raise click.UsageError(f"--header {name}: there is no environment variable {variable}")
        value = os.environ[variable]
    if not value.isprintable() or not name.strip().isprintable():
        raise click.UsageError(f"--header {name.strip()!r}: holds a line end or another control character")
    return name.strip(), value


def _note(db: Path, export: "Export", path: Path | None, endpoint: str | None) -> None:
    from recorder.capture.noting import Exported, note_export  # noqa: PLC0415 -- start-up time

    exported = Exported(
        format=export.asked.format,
        filters=export.asked.told(),
        count=export.count,
        sha256=export.sha256,
        file=None if path in {None, _STDOUT} else (path or _STDOUT).name,
        endpoint=_host(endpoint),
        interrupted=None if export.complete else True,
    )
    if why_not := note_export(db, exported):
        say(f"this export could not be recorded: {why_not}")


def _host(endpoint: str | None) -> str | None:
    """Name an endpoint without its query, which may hold a key."""
    if endpoint is None:
        return None
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _how_to_go_on(path: Path | None) -> str:
    return "" if path in {None, _STDOUT} else f"; go on with: recorder export --resume -o {path}"


def _tell(export: "Export", path: Path | None, endpoint: str | None) -> None:
    if path != _STDOUT:
        say(f"{path or _host(endpoint)}: {export.count:,} interactions, SHA-256 {export.sha256}")
    if export.incomplete and export.asked.format == "bundle":
        say(f"the content of {export.incomplete:,} parts was erased and is not in it")
    elif export.incomplete:
        say(f"of {export.incomplete:,} of them content was erased or is damaged; the export says which")
