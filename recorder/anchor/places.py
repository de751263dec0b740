"""From an `[[anchor]]` of the configuration to the place that it names."""

from pathlib import Path

from recorder.anchor.command_place import CommandPlace
from recorder.anchor.file_place import FilePlace
from recorder.anchor.git_place import GitPlace
from recorder.anchor.place import Place
from recorder.anchor.timestamp_place import TimestampPlace
from recorder.config import AnchorSettings


def make_place(settings: AnchorSettings, state: Path) -> Place:
    """Return the place; `state` is the folder for what a time-stamp server signed."""
    seconds = settings.timeout_seconds
    match settings.type:
        case "file":
            return FilePlace(_path(settings.path))
        case "git":
            return GitPlace(_path(settings.repository), settings.branch, settings.push, seconds)
        case "timestamp":
            ca = _path(settings.ca) if settings.ca else None
            return TimestampPlace(settings.url or "", ca, state / "stamps" / settings.name, seconds)
        case "command":
            return CommandPlace(settings.run, settings.read, seconds)


def _path(text: str | None) -> Path:
    return Path(text or "").expanduser().absolute()
