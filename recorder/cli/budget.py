"""`recorder budget`: what is spent, reserved and left of each budget."""

from pathlib import Path

import click

from recorder.cli.options import db_option, json_option, settings
from recorder.errors import ConfigError


@click.command()
@db_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, db: Path, as_json: bool) -> None:
    """Show how the budgets of recorder.toml stand, by what is on record and what requests under way hold.

    Exit code 0 when all have something left, 1 when one is used up.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.config import find_file  # noqa: PLC0415
    from recorder.limits.limits_file import load_limits  # noqa: PLC0415
    from recorder.limits.overview import read_standings  # noqa: PLC0415
    from recorder.view.budgets import budget_json, budget_lines, budget_table  # noqa: PLC0415

    limits = load_limits(find_file(ctx.find_object(Path)))
    if not limits.budgets:
        raise ConfigError("there is no [[budget]] in recorder.toml; docs/limits.md shows how to write one")
    standings = read_standings(db, limits, settings(ctx).model_names)
    if as_json:
        printing.print_json([budget_json(standing) for standing in standings])
    else:
        printing.print_rows(budget_lines(standings), lambda width: budget_table(standings, width))
    ctx.exit(1 if any(standing.share >= 1 for standing in standings) else 0)
