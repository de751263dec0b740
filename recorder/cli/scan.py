"""`recorder scan`: looks for secrets in what the recorder wrote, or in any file, with the recorder's own detectors."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import json_option, settings
from recorder.errors import ConfigError, StoreError
from recorder.model import ALLOWED
from recorder.wire.jsontext import parse_json

if TYPE_CHECKING:
    from recorder.model import Finding
    from recorder.redact import Redactor

type Hit = dict[str, str | int | None]
"""`file`, `where` (a part or a record of a database), `kind`, `fingerprint`, `count`: never the value."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--known", multiple=True, metavar="env:NAME|file:PATH", help="A value that must not be there.")
@json_option
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], known: tuple[str, ...], *, as_json: bool) -> None:
    """Look for secrets in files, folders and databases; without PATHS in the database and its side files.

    A database of the recorder's is also looked through decompressed, part by part. Exit code 1 when there is
    something; what is printed are kinds and fingerprints, never values.
    """
    from recorder.cli.detectors import load_redactor  # noqa: PLC0415 -- start-up time of `--help`

    chosen = settings(ctx)
    redactor = load_redactor(chosen.redact, known)
    files = list(_files(paths or _side_files(chosen.db)))
    hits = [hit for path in files for hit in _scan(redactor, path)]
    if as_json:
        import json  # noqa: PLC0415

        click.echo(json.dumps({"files": len(files), "hits": hits}, indent=2))
    else:
        for hit in hits:
            place = f"{hit['file']}: {hit['where']}: " if hit["where"] else f"{hit['file']}: "
            click.echo(
                f"{place}{hit['kind']} {hit['fingerprint'] or '(no fingerprint: can be guessed)'} x{hit['count']}"
            )
        click.echo(f"{len(hits)} found in {len(files)} files", err=True)
    sys.exit(1 if hits else 0)


def _side_files(db: Path) -> tuple[Path, ...]:
    if not db.exists():
        raise ConfigError(f"{db}: there is no such database; name what to scan")
    names = (db.name, f"{db.name}-wal", f"{db.name}-journal")
    return tuple(path for name in names if (path := db.with_name(name)).exists())


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(entry for entry in path.rglob("*") if entry.is_file())
        elif path.exists():
            yield path
        else:
            raise ConfigError(f"{path}: there is no such file or folder")


def _scan(redactor: "Redactor", path: Path) -> Iterator[Hit]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; nothing can be said about it") from None
    yield from _hits(path, None, redactor.bytes_(data).findings)
    if data.startswith(b"SQLite format 3\0"):
        yield from _scan_database(redactor, path)


def _scan_database(redactor: "Redactor", path: Path) -> Iterator[Hit]:
    from recorder.store.contents import every_content  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    try:
        db = open_reader(path)
    except StoreError:
        return  # some other program's database: its bytes have been looked at
    with db:
        for where, content in every_content(db):
            yield from _hits(path, where, _look(redactor, content))


def _look(redactor: "Redactor", content: bytes) -> "tuple[Finding, ...]":
    # As text, the punctuation of JSON would be taken for what stands around a secret.
    try:
        parse_json(content)
    except ValueError:
        return redactor.bytes_(content).findings
    return redactor.json(content).findings


def _hits(path: Path, where: str | None, findings: "tuple[Finding, ...]") -> Iterator[Hit]:
    for finding in findings:
        if finding.kind == ALLOWED:
            continue
        yield {
            "file": str(path),
            "where": where,
            "kind": finding.kind,
            "fingerprint": finding.fingerprint,
            "count": finding.count,
        }
