"""Commands that start Claude Code, and the environment handed to them with `--settings`.

A settings file's `env` beats the shell, so the environment alone could be bypassed; `--settings` beats every settings
file but managed policy. The client takes the last `--settings` only: one that is there already is merged with ours.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

import msgspec

from recorder.cli.claude_settings import ALL_SOURCES
from recorder.errors import ConfigError

_NAMES = frozenset({"claude", "claude.exe", "claude.cmd", "claude.ps1"})
_RUNTIMES = frozenset({"node", "node.exe", "nodejs", "bun", "bun.exe"})
_FETCHERS = frozenset({"npx", "npx.cmd", "bunx"})
_PACKAGE = re.compile(r"^(@anthropic-ai/claude-code(@[^/]+)?|claude)$")
_SCRIPT = re.compile(r"(^|[/\\])(claude-code[/\\].*\.[cm]?js|claude)$")


class ClaudeCommand(msgspec.Struct, frozen=True):
    """A command that starts Claude Code: the words up to the program, and the program's own arguments."""

    program: tuple[str, ...]
    arguments: tuple[str, ...]

    @property
    def settings(self) -> str | None:
        """The value of the last `--settings`, None without one."""
        return next((value for name, value in reversed(_options(self.arguments)) if name == "--settings"), None)

    @property
    def sources(self) -> tuple[str, ...]:
        """The settings files that `--setting-sources` allows."""
        values = [value for name, value in _options(self.arguments) if name == "--setting-sources"]
        return tuple(part.strip() for part in values[-1].split(",")) if values else ALL_SOURCES

    def with_environment(self, changes: Mapping[str, str], cwd: Path, folder: Path) -> list[str]:
        """Return the command with `changes` in the `env` of its `--settings`.

        Settings that the user gave as a file stay in a file, a private one in `folder`: they may hold a key, and a
        command line can be read by others. Raises ConfigError when they cannot be read.
        """
        data = _load(self.settings, cwd)
        data["env"] = {**data.get("env", {}), **changes}
        text = json.dumps(data)
        if self.settings is not None and not self.settings.lstrip().startswith("{"):
            path = folder / "settings.json"
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
            text = str(path)
        return [*self.program, "--settings", text, *_without_settings(self.arguments)]


def parse_claude_command(command: Sequence[str]) -> ClaudeCommand | None:
    """Return the command's parts when it starts Claude Code, by itself or through npx, bunx, node or bun; else None."""
    name = PurePath(command[0].replace("\\", "/")).name.lower()
    if name in _NAMES:
        return _split(command, 0)
    pattern = _PACKAGE if name in _FETCHERS else _SCRIPT if name in _RUNTIMES else None
    if pattern is None:
        return None
    index = next((at for at, word in enumerate(command[1:], 1) if _is_operand(command, at)), None)
    if index is None or not pattern.search(command[index]):
        return None
    return _split(command, index)


def _is_operand(command: Sequence[str], at: int) -> bool:
    # `npx --package NAME`, `node --require FILE`: the word after such an option is its value.
    return not command[at].startswith("-") and command[at - 1] not in ("-p", "--package", "-r", "--require", "--import")


def _split(command: Sequence[str], last: int) -> ClaudeCommand:
    return ClaudeCommand(tuple(command[: last + 1]), tuple(command[last + 1 :]))


def _options(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Return `--settings` and `--setting-sources` with their values; what follows `--` is no option."""
    found = []
    for at, word in enumerate(arguments):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name in ("--settings", "--setting-sources"):
            found.append((name, value if equals else next(iter(arguments[at + 1 : at + 2]), "")))
    return found


def _without_settings(arguments: Sequence[str]) -> list[str]:
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*kept, word, *words]
        if word == "--settings":
            next(words, None)
        elif not word.startswith("--settings="):
            kept.append(word)
    return kept


def _load(settings: str | None, cwd: Path) -> dict[str, dict[str, str]]:
    if settings is None:
        return {}
    inline = settings.lstrip().startswith("{")
    name = "--settings" if inline else f"--settings {settings}"
    try:
        data = json.loads(settings if inline else (cwd / settings).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}; name a readable file") from None
    except ValueError:
        raise ConfigError(f"{name}: is not valid JSON; correct it") from None
    if not isinstance(data, dict) or not isinstance(data.get("env", {}), dict):
        raise ConfigError(f"{name}: is not an object of settings, or its env is none; correct it")
    return data
