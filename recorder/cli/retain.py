"""`recorder retain`: the content of what is old enough goes; nothing goes unless somebody says so."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option, settings


@click.command()
@click.option("--days", type=int, help="Keep what began so many days ago. [default: [retention] days in recorder.toml]")
@click.option("--below-minimum", is_flag=True, help="Fewer than 183 days are meant; the EU AI Act does not bind you.")
@click.option("--by", metavar="NAME", help="Who wants it. [default: you, at this machine]")
@click.option("--dry-run", is_flag=True, help="Say what would go, and erase nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@db_option
@json_option
@click.pass_context
def command(  # noqa: PLR0913 — each is an option
    ctx: click.Context,
    *,
    db: Path,
    days: int | None,
    below_minimum: bool,
    by: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase the content of interactions that began longer ago; their records and the proof stay.

    The EU AI Act (Art. 19 and 26(6)) wants logs to be kept for at least six months, 183 days. What is under a hold and
    what younger interactions share with older ones stays. With `[retention] days = N` in recorder.toml a recorder does
    this by itself, when it starts and daily.
    """
    from recorder.capture import keeping  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.cli.chosen import confirm, print_plan  # noqa: PLC0415

    configured = settings(ctx).retention
    wanted = configured.days if days is None else days
    if wanted is None:
        raise click.UsageError("say how long with --days, or [retention] days = N in recorder.toml")
    who, meant = by or keeping.whoever(), below_minimum or (days is None and configured.below_minimum)
    plan = keeping.retain(db, wanted, by=who, below_minimum=meant, dry_run=True)
    if not (dry_run or yes or not plan.going):
        print_plan(plan, "would be erased", as_json=False)
        confirm("Erase this for good?")
    if not dry_run:
        plan = keeping.retain(db, wanted, by=who, below_minimum=meant)
    print_plan(plan, "would be erased" if dry_run else "erased", as_json=as_json)
