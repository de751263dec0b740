"""`recorder budget`: what is spent, reserved and left of each budget."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recorder.cli.options import db_option, json_option, settings
from recorder.errors import ConfigError

if TYPE_CHECKING:
    from recorder.policy.limits import Limits


@click.command()
@db_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, *, db: Path, as_json: bool) -> None:
    """Show how the budgets of recorder.toml and of keys stand, by what is on record and what requests under way hold.

    Exit code 0 when all have something left, 1 when one is used up.
    """
    from recorder.cli import printing  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.limits.overview import read_standings  # noqa: PLC0415
    from recorder.view.budgets import budget_json, budget_lines, budget_table  # noqa: PLC0415

    limits = limits_in_force(ctx)
    if not limits.budgets:
        raise ConfigError("there is no [[budget]] in recorder.toml, and no key has one; docs/limits.md shows how")
    standings = read_standings(db, limits, settings(ctx).model_names)
    if as_json:
        printing.print_json([budget_json(standing) for standing in standings])
    else:
        printing.print_rows(budget_lines(standings), lambda width: budget_table(standings, width))
    ctx.exit(1 if any(standing.share >= 1 for standing in standings) else 0)


def limits_in_force(ctx: click.Context) -> "Limits":
    """Return the limits of recorder.toml and of the recorder's own keys. Raises ConfigError."""
    from recorder.access.keys import key_budgets  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.config import config_dir, find_file  # noqa: PLC0415
    from recorder.limits.limits_file import load_limits  # noqa: PLC0415
    from recorder.policy.limits import with_budgets  # noqa: PLC0415

    return with_budgets(load_limits(find_file(ctx.find_object(Path))), key_budgets(config_dir()))
