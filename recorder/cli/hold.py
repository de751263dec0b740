"""`recorder hold`: what must be kept, whoever wants it erased and however old it is."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option


@click.group()
def command() -> None:
    """Keep from erasure and retention what must be kept."""


@command.command()
@click.option("--session", "sessions", multiple=True, metavar="ID", help="This session.")
@click.option("--interaction", "interactions", multiple=True, metavar="ID", help="This interaction.")
@click.option("--user", "users", multiple=True, help="All of this user, also what is yet to come.")
@click.option("--project", "projects", multiple=True, help="All of this project, also what is yet to come.")
@click.option("--match", "texts", multiple=True, metavar="TEXT", help="All interactions whose content holds this.")
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="All that this pattern matches.")
@click.option("--reason", required=True, help="Why; stands in the record for good.")
@click.option("--by", metavar="NAME", help="Who wants it. [default: you, at this machine]")
@db_option
def add(*, db: Path, reason: str, by: str | None, **given: tuple[str, ...]) -> None:
    """Place a hold, and print its id.

    What is given must all fit; of several values of one option any will do. All of it stands in the record for good,
    the text of --match too.
    """
    from recorder.capture import keeping  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.chosen import resolve  # noqa: PLC0415
    from recorder.store.mentions import Mentions  # noqa: PLC0415

    choice = resolve(db, given)
    Mentions(choice.texts, choice.patterns)  # what could not be looked for would hold nothing
    click.echo(keeping.place_hold(db, choice, by=by or keeping.whoever(), reason=reason))


@command.command(name="list")
@click.option("--all", "released", is_flag=True, help="Also those that were released.")
@db_option
@json_option
def list_(*, db: Path, released: bool, as_json: bool) -> None:
    """List the holds in force."""
    import msgspec  # noqa: PLC0415 -- start-up time of `--help`

    from recorder.cli import printing  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.keeping import list_holds  # noqa: PLC0415
    from recorder.view.columns import tab_lines  # noqa: PLC0415

    with open_reader(db) as reader:
        holds = list_holds(reader, released=released)
    rows = [msgspec.to_builtins(hold) for hold in holds]
    if as_json:
        printing.print_json(rows)
    elif rows:
        said = [row | {"choice": _said(row["choice"])} for row in rows]
        for line in tab_lines(tuple(said[0]), [list(row.values()) for row in said]):
            click.echo(line)
    else:
        click.echo("No hold is in force.", err=True)


@command.command()
@click.argument("hold")
@click.option("--reason", required=True, help="Why; stands in the record for good.")
@click.option("--by", metavar="NAME", help="Who wants it. [default: you, at this machine]")
@db_option
def release(*, hold: str, db: Path, reason: str, by: str | None) -> None:
    """End a hold, by its id."""
    from recorder.capture import keeping  # noqa: PLC0415 -- start-up time of `--help`

    keeping.release_hold(db, hold, by=by or keeping.whoever(), reason=reason)
    click.echo(f"released {hold}")


def _said(choice: dict[str, list[str]]) -> str:
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in choice.items())
