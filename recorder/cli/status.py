"""`recorder status`: which recorders run on a database, and whether what comes is recorded."""

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from recorder.cli.options import db_option, json_option, settings
from recorder.cli.printing import print_json
from recorder.cli.set_aside import aside_json, aside_text
from recorder.config import AnchorSettings, state_dir
from recorder.errors import RecorderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recorder.capture.status_file import RunStatus

SILENT_SECONDS = 20
"""A recorder says how it stands every second; one that has not for so long hangs, or cannot write its state folder."""


@click.command()
@db_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, db: Path, *, as_json: bool) -> None:
    """Say which recorders run on this database, whether what comes is recorded, and if not why and since when.

    Exit code 1 when one of them does not record, or none runs. Anchors that fail are told on stderr.
    """
    from recorder.capture.status_file import read_statuses  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.routing.health import read_health  # noqa: PLC0415

    now_us = time.time_ns() // 1000
    found = [_with_silence(status, now_us) for status in read_statuses(state_dir(), db.resolve())]
    aside = {status.pid: read_health(db.resolve(), status.pid) for status in found}
    if as_json:
        print_json([_as_json(one) | {"set_aside": [aside_json(seen) for seen in aside[one.pid]]} for one in found])
    elif not found:
        click.echo(f"no recorder runs on {db}")
    for status in () if as_json else found:
        lines = (f"  set aside     {aside_text(seen)}" for seen in aside[status.pid])
        click.echo("\n".join((*_lines(status, now_us), *lines)))
    _say_failing(db, settings(ctx).anchor)
    ctx.exit(0 if found and all(status.healthy for status in found) else 1)


def _say_failing(db: Path, anchors: tuple[AnchorSettings, ...]) -> None:
    from recorder.cli.anchor_watch import AnchorWatch  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.queries import last_seq  # noqa: PLC0415

    # A database that cannot be read says nothing of anchors; what its recorder says of it was told above.
    with contextlib.suppress(RecorderError), open_reader(db) as reader:
        AnchorWatch(reader, anchors).look(last_seq(reader))


def _with_silence(status: "RunStatus", now_us: int) -> "RunStatus":
    """Say of a recorder that says nothing that it does so."""
    if now_us - status.updated_us < SILENT_SECONDS * 1_000_000:
        return status
    reason = f"it has said nothing for more than {SILENT_SECONDS} s; it hangs, or cannot write its state folder"
    return msgspec.structs.replace(status, healthy=False, reason=reason, since_us=status.updated_us)


def _lines(status: "RunStatus", now_us: int) -> "Iterator[str]":
    from recorder.view.figures import size, times  # noqa: PLC0415

    state = "records" if status.healthy else "does not record"
    yield f"recorder {status.pid} (run {status.run_id[:8]}): {state}, {_ago(status.since_us, now_us, 'since')}"
    if status.reason:
        yield f"  why           {status.reason}"
        yield f"  meanwhile     {_POLICIES.get(status.on_failure, status.on_failure)}"
    yield f"  under way     {times(status.open_interactions, 'interaction')}, {size(status.pending_bytes)} waiting"
    yield f"  last record   {_ago(status.last_commit_us, now_us)}"
    yield f"  last kept     {_ago(status.last_checkpoint_us, now_us)} (of an answer under way)"
    yield f"  gaps          {status.gaps}"


_POLICIES = {
    "block": "requests are refused (on_failure = block)",
    "pass": "requests go through and gaps are recorded (on_failure = pass)",
}


def _ago(at_us: int | None, now_us: int, word: str = "") -> str:
    from recorder.view.figures import duration, local_time  # noqa: PLC0415

    if at_us is None:
        return "never"
    gone = duration(max(0, now_us - at_us) / 1000)
    return f"{word} {local_time(_utc(at_us))} ({gone} ago)".strip()


def _as_json(status: "RunStatus") -> dict[str, object]:
    """Return the status with its times as text."""
    values = msgspec.to_builtins(status)
    times = {name: value for name, value in values.items() if name.endswith("_us")}
    return {name: value for name, value in values.items() if name not in times} | {
        f"{name.removesuffix('_us')}_utc": None if value is None else _utc(value) for name, value in times.items()
    }


def _utc(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
