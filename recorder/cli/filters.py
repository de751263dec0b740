"""The filters that the read commands share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.when import when

if TYPE_CHECKING:
    from recorder.store.database import Database

_OPTIONS = (
    click.option("--session", metavar="ID", help="Only this session; the beginning of its id is enough."),
    click.option("--project", help="Only this project."),
    click.option("--model", help="Only this model, asked for or answering."),
    click.option(
        "--since",
        metavar="TIME",
        callback=when,
        help="From then on: 2h, 7d, today, 2026-11-23T14:05.",
    ),
    click.option("--until", metavar="TIME", callback=when, help="Before then."),
)


def filter_options[F: Callable[..., Any]](function: F) -> F:
    """Add `--session --project --model --since --until` (one parameter each)."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def filters(db: "Database", *, session: str | None, **given: Any) -> dict[str, Any]:
    """Return the filters for a query. Raises StoreError when no session's id begins as given."""
    from recorder.store.queries import get_session  # noqa: PLC0415 -- start-up time

    return {"session": get_session(db, session).id if session else None, **given}
