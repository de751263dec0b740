"""`recorder reconcile`: does the record have what the client and the provider have?"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.options import db_option, json_option
from recorder.cli.when import when
from recorder.errors import ConfigError

if TYPE_CHECKING:
    from recorder.reconcile.compare import Comparison
    from recorder.store.results import InteractionRow

_MOST_SHOWN = 20


@click.command()
@click.option(
    "--transcripts",
    type=click.Path(path_type=Path),
    help="Folder or file of Claude Code's transcripts. [default: ~/.claude/projects, unless --usage is given]",
)
@click.option("--usage", type=click.Path(dir_okay=False, path_type=Path), help="CSV of a provider's usage or costs.")
@click.option("--column", multiple=True, metavar="FIELD=NAME", help="What a field is called in that CSV.")
@click.option("--provider", help="Compare --usage with what this provider answered alone, as in `anthropic`.")
@click.option("--since", metavar="TIME", callback=when, help="From then on. [default: since the record begins]")
@click.option("--until", metavar="TIME", callback=when, help="Before then.")
@db_option
@json_option
def command(*, db: Path, as_json: bool, **given: Any) -> None:
    """Compare the record with Claude Code's own transcripts, or with a provider's usage as CSV.

    Transcripts are compared call by call, by request id and message id, a CSV by day and model: tokens, and costs
    where the file has them. The CSV is the export of the Anthropic console, or any; its fields are day, model,
    input_tokens, output_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens and cost_usd.

    Exit code 1 when the record lacks a call or counted something else. What only the record has is no difference: the
    client writes down neither calls that failed nor those it makes for itself (titles, checks of the connection).
    """
    from recorder.model import FlowClass  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store import queries  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415

    with open_reader(db) as reader:
        rows = queries.list_interactions(reader, flow_class=FlowClass.MODEL, since=given["since"], until=given["until"])
    found = _with_usage(rows, given) if given["usage"] else _with_transcripts(rows, given)
    _print_json(found) if as_json else _print(found)
    sys.exit(1 if found.differs else 0)


def _with_transcripts(rows: "list[InteractionRow]", given: dict[str, Any]) -> "Comparison":
    from recorder.reconcile.compare import compare_calls  # noqa: PLC0415
    from recorder.reconcile.counted import recorded  # noqa: PLC0415
    from recorder.reconcile.transcripts import read_transcripts  # noqa: PLC0415

    folder = given["transcripts"] or Path("~/.claude/projects").expanduser()
    files = sorted(folder.rglob("*.jsonl")) if folder.is_dir() else [folder]
    if not files or not files[0].is_file():
        raise ConfigError(f"{folder}: there are no transcripts; name their folder with --transcripts")
    try:
        calls = read_transcripts(files)
    except OSError as error:
        raise ConfigError(f"{error.filename}: {error.strerror}; name readable transcripts") from None
    first, last = _span(rows, given)
    return compare_calls(map(recorded, rows), [call for call in calls if first <= call.at_utc <= last])


def _with_usage(rows: "list[InteractionRow]", given: dict[str, Any]) -> "Comparison":
    from recorder.reconcile.compare import Comparison, compare_days  # noqa: PLC0415
    from recorder.reconcile.counted import recorded  # noqa: PLC0415
    from recorder.reconcile.usage_csv import FIELDS, read_usage  # noqa: PLC0415

    pairs = [text.partition("=") for text in given["column"]]
    if wrong := next((field for field, _, name in pairs if field not in FIELDS or not name), None):
        raise click.UsageError(f"--column {wrong}=...: FIELD is one of {', '.join(FIELDS)}, and NAME is not empty")
    theirs, what = read_usage(given["usage"], {field: name for field, _, name in pairs})
    first, last = _span(rows, given)
    theirs = [row for row in theirs if first[:10] <= row.day <= last[:10]]
    days = {row.day for row in theirs}
    ours = [
        row
        for row in map(recorded, (row for row in rows if given["provider"] in {None, row.provider}))
        if days and min(days) <= row.day <= max(days)
    ]
    return Comparison(matched=len(ours), days=compare_days(ours, theirs, what))


def _span(rows: "list[InteractionRow]", given: dict[str, Any]) -> tuple[str, str]:
    """Say since when and until when there is something to compare with."""
    begin = _utc(given["since"]) if given["since"] else min((row.started_utc for row in rows), default="")
    end = _utc(given["until"]) if given["until"] else _utc(datetime.now(UTC) + timedelta(days=1))
    return begin, end


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _print(found: "Comparison") -> None:
    from recorder.view.columns import tab_lines  # noqa: PLC0415

    for call in found.not_recorded[:_MOST_SHOWN]:
        named = call.request_id or call.message_id
        click.echo(f"not on the record: {named} of {call.at_utc} ({call.model}), {call.where}")
    if len(found.not_recorded) > _MOST_SHOWN:
        click.echo(f"not on the record: and {len(found.not_recorded) - _MOST_SHOWN} more")
    for one in found.calls[:_MOST_SHOWN]:
        click.echo(f"counted differently: {one.what} {one.recorded} here, {one.theirs} there, {one.where}")
    rows = [[one.day, one.model, one.what, str(one.recorded), str(one.theirs)] for one in found.days]
    if rows:
        for line in tab_lines(("day", "model", "what", "recorded", "theirs"), rows):
            click.echo(line)
    alone = f", {len(found.only_recorded)} calls only on the record" if found.only_recorded else ""
    verdict = "differences were found" if found.differs else "no differences"
    click.echo(f"{verdict}: {found.matched} calls compared{alone}")


def _print_json(found: "Comparison") -> None:
    import msgspec  # noqa: PLC0415

    from recorder.cli.printing import print_json  # noqa: PLC0415

    print_json(msgspec.to_builtins(found) | {"differs": found.differs})
