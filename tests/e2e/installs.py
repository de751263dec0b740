"""Installs the real client and the real gateway into the checkout, once; a change of their pins installs anew."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

CHECKOUT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CACHE = CHECKOUT / ".e2e"
SHARED_CACHE = CACHE / "cache"
"""Where recorders under test keep compiled detectors, which takes each of them seconds otherwise."""
INSTALL_SECONDS = 1200


def ensure_claude() -> Path:
    """Return the client's native program."""
    return _ensure_node("claude") / "node_modules/@anthropic-ai/claude-code-linux-x64/claude"


def ensure_axe() -> Path:
    """Return the script of the accessibility checker."""
    return _ensure_node("axe") / "node_modules/axe-core/axe.min.js"


def ensure_litellm() -> Path:
    """Return the gateway's program, in an environment of its own."""
    return ensure_environment(CACHE / "litellm", HERE / "litellm" / "requirements.txt", "--require-hashes") / "litellm"


def ensure_environment(folder: Path, pins: Path, *options: str) -> Path:
    """Return the folder of programs of an environment that holds what a requirements file pins."""
    with _alone(folder):
        if _is_stale(folder, [pins]):
            _install([*options, "--requirement", str(pins)], folder)
            _mark(folder, [pins])
    return folder / "bin"


def _ensure_node(name: str) -> Path:
    """Return the folder in which the packages that `name/package-lock.json` pins are installed."""
    folder = CACHE / name
    pins = [HERE / name / file for file in ("package.json", "package-lock.json")]
    with _alone(folder):
        if _is_stale(folder, pins):
            for pin in pins:
                shutil.copy(pin, folder)
            words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            _run([*words, "--omit-lockfile-registry-resolved=true"], folder)
            _mark(folder, pins)
    return folder


def _install(wanted: list[str], folder: Path) -> None:
    python = str(folder / "bin" / "python")
    if uv := _uv():
        _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], folder)
        _run([uv, "pip", "install", "--quiet", "--python", python, *wanted], folder)
    else:
        _run([sys.executable, "-m", "venv", "--clear", str(folder)], folder)
        _run([python, "-m", "pip", "install", "--quiet", *wanted], folder)


def _alone(folder: Path) -> FileLock:
    """Several test processes want the same installation at once: the first makes it, the others wait."""
    CACHE.mkdir(exist_ok=True)
    return FileLock(folder.with_suffix(".lock"), timeout=INSTALL_SECONDS)


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def _digest(pins: list[Path]) -> str:
    return hashlib.sha256(b"".join(pin.read_bytes() for pin in pins)).hexdigest()


def _is_stale(folder: Path, pins: list[Path]) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "installed.sha256"
    return not mark.exists() or mark.read_text() != _digest(pins)


def _mark(folder: Path, pins: list[Path]) -> None:
    (folder / "installed.sha256").write_text(_digest(pins))


def _run(words: list[str], folder: Path) -> None:
    done = subprocess.run(
        words, cwd=folder, env=os.environ, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
