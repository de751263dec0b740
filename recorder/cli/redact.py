"""`recorder redact`: the recorder's redaction as a filter, for a log that goes into a ticket."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING

import click

from recorder.cli.options import settings
from recorder.model import ALLOWED

if TYPE_CHECKING:
    from recorder.model import Finding, SafeBytes
    from recorder.redact import Redacted, Redactor


@click.command()
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--jsonl", is_flag=True, help="One JSON value a line: each is redacted as JSON and stays one.")
@click.option("--report", is_flag=True, help="Say on standard error what was removed.")
@click.option("--known", multiple=True, metavar="env:NAME|file:PATH", help="A value to remove wherever it stands.")
@click.pass_context
def command(ctx: click.Context, /, *, file: IO[bytes], jsonl: bool, report: bool, known: tuple[str, ...]) -> None:
    """Print FILE (or standard input) without its secrets.

    With --jsonl a line that is not JSON is redacted as text, named on standard error, and makes the exit code 1.
    """
    from recorder.cli.detectors import load_redactor  # noqa: PLC0415 -- start-up time of `--help`

    redactor = load_redactor(settings(ctx).redact, known)
    found: Counter[str] = Counter()
    wrong = _lines(redactor, file, found) if jsonl else _whole(redactor, file.read(), found)
    sys.stdout.buffer.flush()
    if report:
        for kind, count in sorted(found.items()):
            click.echo(f"{kind}\t{count}", err=True)
        click.echo(f"{found.total() - found[ALLOWED]} removed", err=True)
    for number in wrong:
        click.echo(f"recorder: line {number} is not JSON; it was redacted as text", err=True)
    sys.exit(1 if wrong else 0)


def _whole(redactor: "Redactor", data: bytes, found: Counter[str]) -> list[int]:
    redacted = redactor.bytes_(data)
    _count(found, redacted.findings)
    sys.stdout.buffer.write(redacted.value)
    return []


def _lines(redactor: "Redactor", lines: Iterable[bytes], found: Counter[str]) -> list[int]:
    """Print each line redacted; return the numbers of those that are not JSON."""
    from recorder.wire.jsontext import parse_json  # noqa: PLC0415

    wrong: list[int] = []
    for number, line in enumerate(lines, 1):
        text = line.rstrip(b"\r\n")
        redact: Callable[[bytes], Redacted[SafeBytes]] = redactor.json
        try:
            if text.strip():
                parse_json(text)
        except ValueError:
            wrong.append(number)
            redact = redactor.bytes_
        redacted = redact(text)
        _count(found, redacted.findings)
        sys.stdout.buffer.write(redacted.value + line[len(text) :])
    return wrong


def _count(found: Counter[str], findings: "Iterable[Finding]") -> None:
    for finding in findings:
        found[finding.kind] += finding.count
