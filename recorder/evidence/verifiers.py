"""Where the stand-alone verifiers are: inside the package when it is installed, with the scripts in a checkout."""

from pathlib import Path

import recorder
from recorder.errors import RecorderError

LEDGER = "verify_ledger.py"
PACK = "verify_pack.py"


def verifier_path(name: str) -> Path:
    """Return the path of one of them; RecorderError when the installation has none."""
    package = Path(recorder.__file__).parent
    for folder in (package / "verifiers", package.parent / "scripts"):
        if (path := folder / name).is_file():
            return path
    raise RecorderError(f"no {name} in this installation; install the recorder again")
