"""What Claude Code's settings files set in its environment, and which of them wins.

A settings file's `env` block beats the shell. Weakest first, as read in Claude Code 2.1.197 (November 2026): the shell,
`~/.claude.json`, the user's, the project's and the project's local settings, `--settings`, managed policy.
"""

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

MANAGED_DIRS = {
    "darwin": Path("/Library/Application Support/ClaudeCode"),
    "win32": Path("C:/Program Files/ClaudeCode"),
}
"""Where an administrator puts policy; any other system has `/etc/claude-code`."""

ALL_SOURCES = ("user", "project", "local")
"""The sources that `--setting-sources` chooses from; the others cannot be left out."""


class Source(msgspec.Struct, frozen=True):
    """One settings file that exists, and the environment that it sets."""

    name: str
    """A path, or `--settings`."""
    env: dict[str, str]
    managed: bool = False


class ClaudeSettings(msgspec.Struct, frozen=True):
    """All settings that Claude Code would read, the weakest first."""

    sources: tuple[Source, ...]
    problems: tuple[str, ...] = ()
    """Files that cannot be read as settings; Claude Code leaves them out as well."""

    def environment(self, shell: Mapping[str, str]) -> dict[str, str]:
        """Return the environment in force: the shell's, with the settings' laid over it."""
        env = dict(shell)
        for source in self.sources:
            env |= source.env
        return env

    def origin(self, name: str) -> str | None:
        """Return which source sets a variable; None: no settings file does, the shell may."""
        return next((source.name for source in reversed(self.sources) if name in source.env), None)

    def managed(self) -> dict[str, str]:
        """Return the environment that policy sets: nothing that we could set beats it."""
        env: dict[str, str] = {}
        for source in self.sources:
            env |= source.env if source.managed else {}
        return env


def read_settings(
    shell: Mapping[str, str],
    folder: Path,
    *,
    flag: str | None = None,
    allowed: Collection[str] = ALL_SOURCES,
    managed_dir: Path | None = None,
) -> ClaudeSettings:
    """Read the settings that Claude Code would read when started in `folder`.

    `flag` is the value of `--settings`, a path or JSON; `allowed` that of `--setting-sources`. Never raises: what
    cannot be read is a problem of the result.
    """
    home = Path(shell["HOME"]) if shell.get("HOME") else Path.home()
    config = Path(shell["CLAUDE_CONFIG_DIR"]) if shell.get("CLAUDE_CONFIG_DIR") else home / ".claude"
    account = config / ".claude.json" if shell.get("CLAUDE_CONFIG_DIR") else home / ".claude.json"
    managed = managed_dir or MANAGED_DIRS.get(sys.platform, Path("/etc/claude-code"))
    files = {
        "user": config / "settings.json",
        "project": folder / ".claude" / "settings.json",
        "local": folder / ".claude" / "settings.local.json",
    }
    reader = _Reader()
    reader.file(account)
    for name, path in files.items():
        if name in allowed:
            reader.file(path)
    if flag is not None:
        reader.flag(flag, folder)
    reader.file(managed / "managed-settings.json", managed=True)
    for path in sorted((managed / "managed-settings.d").glob("[!.]*.json")):
        reader.file(path, managed=True)
    reader.file(config / "remote-settings.json", managed=True)
    return ClaudeSettings(tuple(reader.sources), tuple(reader.problems))


class _Reader:
    def __init__(self) -> None:
        self.sources: list[Source] = []
        self.problems: list[str] = []

    def file(self, path: Path, *, managed: bool = False, name: str | None = None) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (FileNotFoundError, NotADirectoryError):
            if name:
                self.problems.append(f"{name}: there is no such file")
            return
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{path}: cannot be read ({type(error).__name__})")
            return
        self._text(text, name or str(path), managed=managed)

    def flag(self, value: str, folder: Path) -> None:
        if value.lstrip().startswith("{"):
            self._text(value, "--settings", managed=False)
        else:
            self.file(folder / value, name=f"--settings {value}")

    def _text(self, text: str, name: str, *, managed: bool) -> None:
        try:
            data = json.loads(text or "{}")
        except ValueError:
            self.problems.append(f"{name}: is not valid JSON")
            return
        env = data.get("env") if isinstance(data, dict) else None
        if isinstance(env, dict):
            self.sources.append(Source(name, {key: _text_of(value) for key, value in env.items()}, managed))


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
