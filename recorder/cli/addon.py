"""`recorder addon`: where an addon is, for people who run mitmproxy themselves."""

import click

from recorder.cli.addons_dir import addon_paths
from recorder.errors import ConfigError


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the path of a mitmproxy addon, or the names of all.

    \b
    mitmdump -s "$(recorder addon audit)" --mode reverse:https://api.anthropic.com
    """
    paths = addon_paths()
    if name is None:
        click.echo("\n".join(paths))
    elif name in paths:
        click.echo(paths[name])
    else:
        raise ConfigError(f"no addon {name!r}; there are {', '.join(paths)}")
