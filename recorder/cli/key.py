"""`recorder key`: the keys of this user's records. Shown are names and dates, never a key."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recorder.cli.options import db_option, json_option, say
from recorder.errors import StoreError

if TYPE_CHECKING:
    from recorder.capture.signing_keys import Place


@click.group()
def command() -> None:
    """Show and rotate the keys of this user's records."""


@command.command()
@json_option
def show(*, as_json: bool) -> None:
    """List the keys: what each is for, its name, when it was made and retired. Never the key itself.

    The name of the key that signs checkpoints is its public half; `recorder checkpoint --public-key` prints that in the
    form to give away.
    """
    from recorder.capture.key_ring import read_ring  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.capture.signing_keys import read_signing_keys  # noqa: PLC0415
    from recorder.cli import printing  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415
    from recorder.ledger.succession import open_succession  # noqa: PLC0415
    from recorder.view.columns import tab_lines  # noqa: PLC0415

    ring = read_ring(config_dir())
    rows: list[dict[str, Any]] = [
        {"purpose": "redaction", "id": key.id, "made_utc": key.made_utc, "retired_utc": key.retired_utc}
        for key in (ring.keys if ring else ())
    ]
    if signing := read_signing_keys(config_dir()):
        made = {"made_utc": signing.made_utc, "retired_utc": None}
        rows.append({"purpose": "signing", "id": signing.key.public.hex(), **made})
        steps = [open_succession(note) for note in reversed(signing.lineage.notes)]
        rows += [
            {"purpose": "signing", "id": step.old.hex(), "made_utc": None, "retired_utc": step.at_utc} for step in steps
        ]
        if signing.place == "keyring":
            say("the signing key lies in the keyring")
    if as_json:
        printing.print_json(rows)
    elif rows:
        for line in tab_lines(tuple(rows[0]), [list(row.values()) for row in rows]):
            click.echo(line)
    else:
        click.echo("No key was made yet; the first recording makes one.", err=True)


@command.command()
@click.option("--forget-old", is_flag=True, help="Destroy the keys before the new one instead of keeping them.")
@click.option("--signing", is_flag=True, help="Rotate the key that signs checkpoints instead.")
@db_option
def rotate(*, forget_old: bool, signing: bool, db: Path) -> None:
    """Put a new key of redaction in use.

    From then on the same secret has another fingerprint. The old keys are kept, so that a secret that is seen again is
    recognised (`recorder secrets` shows both names as one); with --forget-old they are destroyed, and no guess at a
    secret in an old record can be tested any more, by anybody.

    A recorder that runs goes on with the old key until it is started anew. The rotation is noted in the database.

    With --signing, the key that signs checkpoints: the old one signs the new one and is destroyed. Verification goes on
    from a public key that somebody has, old or new. Recorders that run take the new key with their next record.
    """
    if signing and forget_old:
        raise click.UsageError("the old signing key is always destroyed: --signing goes without --forget-old")
    _rotate_signing(db) if signing else _rotate_redaction(db, forget_old=forget_old)


@command.command()
@click.argument("place", type=click.Choice(["file", "keyring"]))
def move(*, place: "Place") -> None:
    """Move the signing key into the desktop's keyring, or back into its file.

    Needs `pip install 'llm-audit-recorder[keyring]'`. A recorder must be able to open the keyring whenever it starts.
    """
    from recorder.capture.signing_keys import move_signing  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415

    keys = move_signing(config_dir(), place)
    click.echo(f"signing key {keys.key.public.hex()} lies in the {place} now")


def _rotate_signing(db: Path) -> None:
    from recorder.capture.noting import sign_anew  # noqa: PLC0415
    from recorder.capture.signing_keys import rotate_signing  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415

    now = datetime.now(UTC)
    keys = rotate_signing(config_dir(), now)
    click.echo(f"signing key {keys.key.public.hex()} in use; the one before it signed it and is destroyed")
    if why_not := sign_anew(db, now):
        say(f"{why_not}; a database takes the new key with its next record")


def _rotate_redaction(db: Path, *, forget_old: bool) -> None:
    from recorder.capture.key_ring import rotate as rotate_ring  # noqa: PLC0415
    from recorder.capture.rotation import note_rotation, running_recorders  # noqa: PLC0415
    from recorder.config import config_dir  # noqa: PLC0415

    running = running_recorders(db)
    if running and forget_old:
        raise StoreError(
            f"{running} of this database's recorders run with the key that is to be forgotten; stop them first"
        )
    now = datetime.now(UTC)
    ring = rotate_ring(config_dir(), now, forget=forget_old)
    click.echo(f"redaction key {ring.current.id} in use; {len(ring.keys) - 1} kept for comparing")
    if running:
        say(f"{running} of this database's recorders run with the old key until they are started anew")
    if why_not := note_rotation(db, config_dir(), ring, now, forgot=forget_old):
        say(f"{why_not}, so the rotation stands in no record")
