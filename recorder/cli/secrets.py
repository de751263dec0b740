"""`recorder secrets`: which secrets were seen, and who sent them, without the secrets."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.filters import filter_options, filters
from recorder.cli.options import db_option, json_option
from recorder.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recorder.store.results import SecretPlace

_PLACEHOLDER = re.compile(r"\[REDACTED:(.*)\]")
_HEX = re.compile(r"[0-9a-f]{4,32}")


@click.command()
@click.argument("secret", required=False)
@filter_options
@click.option("--kind", help="Only secrets of this kind.")
@db_option
@json_option
def command(*, secret: str | None, kind: str | None, db: Path, as_json: bool, **given: Any) -> None:
    """List the secrets that were removed; with SECRET, the places where it stood.

    SECRET is KIND:FINGERPRINT, a fingerprint, or the beginning of one; a whole placeholder; or a kind. What could be
    guessed has no fingerprint, so that secrets of such a kind cannot be told apart.

    \b
    Times    how often it passed: what is sent again with every turn counts with every turn
    Calls    the interactions that carried it
    Sent by  user, model, tool input, tool result, system, tool definition, request
             (settings and metadata), header, url, error, note (of the recorder)
    """
    from recorder.store import queries  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.store.database import open_reader  # noqa: PLC0415

    of_kind, fingerprint = parse_secret(secret) if secret else (None, None)
    if kind and of_kind and kind != of_kind:
        raise click.UsageError(f"--kind {kind} and a secret of the kind {of_kind}: leave one out")
    with open_reader(db) as database:
        chosen = filters(database, **given)
        places = queries.find_secrets(database, kind=of_kind or kind, fingerprint=fingerprint, **chosen)
    if secret is None:
        _print_list(places, as_json=as_json)
    elif places:
        _print_places(places, as_json=as_json)
    else:
        raise StoreError(f"no secret was seen that {secret!r} names; `recorder secrets` lists those that were")


def parse_secret(text: str) -> tuple[str | None, str | None]:
    """Return the kind and the beginning of the fingerprint that are meant, either None. Raises UsageError."""
    inner = match[1] if (match := _PLACEHOLDER.fullmatch(text.strip())) else text.strip()
    kind, colon, fingerprint = inner.partition(":")
    if not colon:
        return (None, kind.lower()) if _HEX.fullmatch(kind.lower()) else (kind, None)
    if not re.fullmatch(r"[0-9a-f]{0,32}", fingerprint.lower()):
        raise click.UsageError(f"{text!r}: a fingerprint has hex digits, at most 32")
    return kind, fingerprint.lower() or None


def _print_list(places: "Sequence[SecretPlace]", *, as_json: bool) -> None:
    from recorder.cli import printing  # noqa: PLC0415
    from recorder.view import secrets as view  # noqa: PLC0415

    rows = view.sum_up(places)
    if as_json:
        printing.print_json([view.secret_members(row) for row in rows])
    elif rows:
        printing.print_rows(view.secret_lines(rows), lambda width: view.secrets_table(rows, width))
    else:
        click.echo("No secrets match.", err=True)


def _print_places(places: "Sequence[SecretPlace]", *, as_json: bool) -> None:
    from recorder.cli import printing  # noqa: PLC0415
    from recorder.view import secrets as view  # noqa: PLC0415

    if as_json:
        printing.print_json([view.place_members(place) for place in places])
    else:
        printing.print_rows(view.place_lines(places), lambda width: view.places_table(places, width))
