"""The formats by name. Each is imported when it is asked for."""

import importlib
from collections.abc import Callable
from typing import Protocol

import msgspec

from recorder.store.results import Whole


class Text(Protocol):
    """A format that is one stream of bytes, of which each interaction is a piece that depends on none before it.

    So an export that was broken off goes on where it was.
    """

    def begin(self) -> bytes:
        """Give what stands before the first interaction."""

    def add(self, whole: Whole) -> bytes:
        """Give an interaction; nothing when this format has no place for it."""

    def end(self) -> bytes:
        """Give what stands after the last interaction."""


class Format(msgspec.Struct, frozen=True):
    """Where a format is, and what it is like."""

    module: str
    name: str
    between: bytes = b""
    """Stands between two interactions."""
    takes_content: bool = False
    """What was said is left out unless it is asked for."""
    models_only: bool = False
    """It has a place for model calls alone."""
    is_folder: bool = False
    """It is a folder of files (`recorder.export.columns`), and no stream."""
    is_session: bool = False
    """It is one whole session (`recorder.export.bundle`), and no stream of interactions."""
    is_sent: bool = False
    """An endpoint takes it."""


FORMATS = {
    "jsonl": Format("jsonl", "JsonLines"),
    "csv": Format("table", "Csv"),
    "har": Format("har", "Har", between=b",\n"),
    "otlp": Format("otlp", "Otlp", takes_content=True, models_only=True, is_sent=True),
    "ocsf": Format("ocsf", "Ocsf"),
    "html": Format("page", "Html"),
    "bundle": Format("bundle", "Bundling", is_session=True),
    "parquet": Format("columns", "Folder", is_folder=True),
    "langfuse-otlp": Format("otlp", "LangfuseOtlp", takes_content=True, models_only=True, is_sent=True),
}


def make(name: str, *, content: bool) -> Text:
    """Make what writes a format of one stream."""
    form = FORMATS[name]
    factory: Callable[..., Text] = getattr(importlib.import_module(f"recorder.export.{form.module}"), form.name)
    return factory(content=content) if form.takes_content else factory()
