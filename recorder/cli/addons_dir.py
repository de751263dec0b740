"""Where the addons are: inside the package when it is installed, beside it in a checkout."""

import sys
from pathlib import Path

import recorder
from recorder.errors import RecorderError


def addons_dir() -> Path:
    """Return the folder of the addons; RecorderError when the installation has none."""
    package = Path(recorder.__file__).parent
    candidates = (package / "addons", package.parent / "addons")
    for folder in candidates:
        if (folder / "serve.py").is_file():
            return folder
    raise RecorderError(f"no addons in {' or '.join(map(str, candidates))}; install the recorder again")


def addon_paths() -> dict[str, Path]:
    """Return the mitmproxy addons by name; programs and helpers among the files are none."""
    return {path.stem: path for path in sorted(addons_dir().glob("*.py")) if _is_addon(path)}


def serve_command() -> list[str]:
    """Return the command that starts the recorder's own proxy."""
    return [sys.executable, str(addons_dir() / "serve.py")]


def _is_addon(path: Path) -> bool:
    # mitmproxy takes a script's addons from its module variable `addons`.
    return any(line.startswith("addons = ") for line in path.read_text(encoding="utf-8").splitlines())
