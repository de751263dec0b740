"""What erase, hold and retain have in common: from options to a choice, from a plan to lines."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from recorder.cli.printing import print_json
from recorder.store.choice import Choice
from recorder.store.database import open_reader
from recorder.store.erasing import Plan
from recorder.store.queries import get_interaction, get_session
from recorder.view import figures


def resolve(db: Path, given: Mapping[str, Any]) -> Choice:
    """Return the choice that options make; the beginning of an id is enough.

    Raises UsageError when nothing was given, which would mean everything, and StoreError for an id that is none.
    """
    choice = Choice(**given)
    if choice.is_empty:
        names = {"texts": "match"}
        options = ", ".join(f"--{names.get(name, name.removesuffix('s'))}" for name in given)
        raise click.UsageError(f"say what is meant: {options}")
    with open_reader(db) as reader:
        return msgspec.structs.replace(
            choice,
            sessions=tuple(get_session(reader, one).id or one for one in choice.sessions),
            interactions=tuple(get_interaction(reader, one).id for one in choice.interactions),
        )


def print_plan(plan: Plan, verb: str, *, as_json: bool) -> None:
    """Say what a plan comes to; of its parts as JSON only how many they are."""
    if as_json:
        print_json(msgspec.to_builtins(plan) | {"parts": len(plan.parts), "going": len(plan.going)})
        return
    for line in _lines(plan, verb):
        click.echo(line)


def confirm(question: str) -> None:
    """Ask on a terminal; without one the answer has to be given by --yes. Raises Abort, UsageError."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody is there to ask; say --yes")
    click.confirm(question, abort=True, err=True)


def _lines(plan: Plan, verb: str) -> Iterator[str]:
    parts, bytes_ = figures.times(len(plan.parts), "part"), figures.size(plan.bytes)
    yield f"{verb}: {parts} ({bytes_}) of {figures.times(plan.interactions, 'interaction')}"
    if plan.shared_parts:
        shared = f"{figures.times(plan.shared_parts, 'part')} ({figures.size(plan.shared_bytes)})"
        yield f"kept: {shared} that interactions which stay need as well"
    if plan.held:
        held = figures.times(plan.held, "interaction")
        yield f"kept: {held} under hold {', '.join(plan.holds)} (`recorder hold list`)"
    if plan.open:
        yield f"kept: {figures.times(plan.open, 'interaction')} still open; erase again when over"
