"""Secrets that no file of a recorder may hold, in whole or in part, and the search for them."""

from pathlib import Path

from tests.redaction.dice import ALNUM, Dice
from tests.redaction.fuzz import written

_DICE = Dice("no canary")
SHAPED = "gh" + "p_" + _DICE.chars(ALNUM, 36)
"""Known by its format alone."""
LEARNED = "corp-" + _DICE.chars(ALNUM, 28)
"""Known from the header that it is sent in alone."""
BOTH = f"{SHAPED} and {LEARNED}"
_PIECES = {one[at : at + 12].encode() for one in (SHAPED, LEARNED) for at in range(5, len(one) - 11)}


def leaks(home: Path, db: Path | None = None) -> list[str]:
    """Return where a piece of a canary is: in the bytes of any file, or in what the database has compressed."""
    return [where for where, data in written(home, db) if any(piece in data for piece in _PIECES)]
