"""`recorder erase`: content goes, the proof that it was there stays."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, json_option, say

if TYPE_CHECKING:
    from recorder.store.choice import Choice


@click.command()
@click.option("--session", "sessions", multiple=True, metavar="ID", help="Of this session.")
@click.option("--interaction", "interactions", multiple=True, metavar="ID", help="Of this interaction.")
@click.option("--user", "users", multiple=True, help="Of this user, as `recorder usage --by user` names him.")
@click.option("--match", "texts", multiple=True, metavar="TEXT", help="What holds this text, whatever its case.")
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="What this pattern matches.")
@click.option("--reason", help="Why; stands in the record for good, so name no one whom it is about.")
@click.option("--by", metavar="NAME", help="Who wants it. [default: you, at this machine]")
@click.option("--dry-run", is_flag=True, help="Say what would go, and erase nothing.")
@click.option("--clean", is_flag=True, help="Only write the file anew, after an erasure that could not.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@db_option
@json_option
def command(  # noqa: PLR0913 — each is an option
    *,
    db: Path,
    reason: str | None,
    by: str | None,
    dry_run: bool,
    clean: bool,
    yes: bool,
    as_json: bool,
    **given: tuple[str, ...],
) -> None:
    """Erase content for good, beside a running recorder too; its records and their proof stay.

    What is given must all fit; of several values of one option any will do. --session, --interaction and --user mean
    all content of these interactions, but for what others share with it; --match and --pattern mean, within them or
    everywhere, the messages, answers and other parts that hold the text, each as a whole.

    What stays: ids, times, models, counts, costs, and the names of users, teams and projects, which stand in the
    records themselves. What is under a hold (`recorder hold`) stays as well.
    """
    from recorder.capture import keeping  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.chosen import confirm, print_plan, resolve  # noqa: PLC0415

    if clean:
        keeping.clean(db)
        click.echo("written anew; nothing of what was erased is in the file")
        return
    choice = resolve(db, given)
    if not (reason or dry_run):
        raise click.UsageError("say why with --reason; the record of the erasure keeps it")
    who = by or keeping.whoever()
    plan = keeping.erase(db, choice, by=who, reason=reason, dry_run=True)
    if not (dry_run or yes or not plan.going):
        print_plan(plan, "would be erased", as_json=False)
        confirm("Erase this for good?")
    if not dry_run:
        plan = keeping.erase(db, choice, by=who, reason=reason)
    print_plan(plan, "would be erased" if dry_run else "erased", as_json=as_json)
    if choice.names_content:
        _warn_of_records(db, choice)


def _warn_of_records(db: Path, choice: "Choice") -> None:
    """Say where the text stands in what records themselves say: that is under the signatures, and stays."""
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.mentions import Mentions, records_with  # noqa: PLC0415

    with open_reader(db) as reader:
        found = records_with(reader, Mentions(choice.texts, choice.patterns))
    if found:
        shown = ", ".join(map(str, found[:5])) + (", ..." if len(found) > 5 else "")
        say(f"{len(found)} records name it themselves, as an id, a user or a path (records {shown}); records stay")
