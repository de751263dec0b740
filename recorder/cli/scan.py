"""`recorder scan`: looks for secrets in what the recorder wrote, or in any file, with the recorder's own detectors."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import json_option, say, settings
from recorder.errors import ConfigError

if TYPE_CHECKING:
    from recorder.cli.scanning import Hit

_SIDE_FILES = ("-wal", "-journal")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--known", multiple=True, metavar="env:NAME|file:PATH", help="A value that must not be there.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], known: tuple[str, ...], *, as_json: bool) -> None:
    """Look for secrets in files, folders and databases; without PATHS in the database.

    A database is looked through with its side files and decompressed, part by part; so are files compressed with gzip
    or zstd. Exit code 1 when there is something; what is printed are kinds and fingerprints, never values. Exit code 2
    when nothing was found, but not everything could be looked at.
    """
    from recorder.cli.detectors import load_redactor  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.scanning import Scanner  # noqa: PLC0415

    chosen = settings(ctx)
    scanner = Scanner(load_redactor(chosen.redact, known))
    files = list(dict.fromkeys(_files(paths or (_database(chosen.db),))))
    hits = [hit for path in files for hit in scanner.scan(path)]
    if as_json:
        _print_json(len(files), hits, scanner.problems)
    else:
        for hit in hits:
            place = f"{hit.file}: {hit.where}: " if hit.where else f"{hit.file}: "
            click.echo(f"{place}{hit.kind} {hit.fingerprint or '(no fingerprint: can be guessed)'} x{hit.count}")
        click.echo(f"{len(hits)} found in {len(files)} files", err=True)
    for problem in scanner.problems:
        say(problem)
    sys.exit(1 if hits else 2 if scanner.problems else 0)


def _print_json(files: int, hits: "list[Hit]", problems: list[str]) -> None:
    import json  # noqa: PLC0415 -- start-up time of `--help`

    import msgspec  # noqa: PLC0415

    value = {"files": files, "hits": [msgspec.structs.asdict(hit) for hit in hits], "problems": problems}
    click.echo(json.dumps(value, indent=2))


def _database(db: Path) -> Path:
    if not db.exists():
        raise ConfigError(f"{db}: there is no such database; name what to scan")
    return db


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the files that are meant, those in folders included, and the side files of databases."""
    for path in paths:
        if path.is_dir():
            yield from sorted(entry for entry in path.rglob("*") if entry.is_file())
        elif path.exists():
            yield path
            sides = (path.with_name(path.name + suffix) for suffix in _SIDE_FILES)
            yield from (side for side in sides if side.is_file())
        else:
            raise ConfigError(f"{path}: there is no such file or folder")
