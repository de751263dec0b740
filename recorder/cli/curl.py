"""`recorder curl`: a recorded request as a command that sends it again."""

from pathlib import Path

import click

from recorder.cli.options import db_option, note_view, say
from recorder.errors import RecorderError


@click.command()
@click.argument("interaction", metavar="ID")
@click.option(
    "--side",
    type=click.Choice(["client", "upstream"]),
    default="client",
    show_default=True,
    help="What the client sent, or what went to the provider after routing and translation.",
)
@click.option(
    "--body-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the body into a new file, and let the command read it from there.",
)
@db_option
@click.pass_context
def command(ctx: click.Context, /, *, interaction: str, side: str, body_file: Path | None, db: Path) -> None:
    """Print a curl command for a POSIX shell that sends a recorded request again.

    Credentials are shell variables such as ANTHROPIC_API_KEY: none is on the record. What was redacted in the body
    stays a placeholder, which is said on stderr. Nothing is sent; the answer to what the command sends is not recorded
    unless its URL is a recorder's.
    """
    from recorder.again.curl import curl  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.again.request import load_request  # noqa: PLC0415
    from recorder.store.database import open_reader  # noqa: PLC0415
    from recorder.store.queries import get_interaction  # noqa: PLC0415

    with open_reader(db) as database:
        request = load_request(database, interaction, upstream=side == "upstream")
        whole_id = get_interaction(database, interaction).id
    note_view(ctx, db, whole_id, side=side)
    if body_file is not None:
        _write(body_file, request.body)
    for note in request.notes:
        say(note)
    for mark, count in request.placeholders.items():
        often = f", {count} times" if count > 1 else ""
        say(f"the body has {mark} in the place of a secret{often}; it is sent like that")
    # A plain "-" would be taken for the standard input.
    name = None if body_file is None else str(body_file) if body_file.is_absolute() else f"./{body_file}"
    click.echo(curl(request, name), nl=False)


def _write(path: Path, body: bytes) -> None:
    """Write a body into a file of the user's alone; one that is there is left alone."""
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(body)
    except FileExistsError:
        raise RecorderError(f"{path}: is there already; name another file") from None
    except OSError as error:
        raise RecorderError(f"{path}: {error.strerror}; name a file that can be written") from None
