"""Ordinary source code, which every machine with the project has: its own environment's libraries.

Tests of libraries are left out: they hold made-up credentials, and finding those is right.
"""

import sysconfig
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = {".py", ".js", ".css", ".html", ".json", ".md", ".txt", ".toml", ".yaml", ".c", ".h"}
LARGEST_BYTES = 300_000


def sources(most_bytes: int) -> Iterator[tuple[Path, str]]:
    """Yield files in a fixed order, taken evenly from the library folders, until `most_bytes` are together."""
    paths = sysconfig.get_paths()
    taken = 0
    for path in _interleaved([Path(paths["stdlib"]), Path(paths["purelib"])]):
        if taken >= most_bytes:
            return
        text = path.read_text("utf-8", "replace")
        taken += len(text)
        yield path, text


def _interleaved(roots: list[Path]) -> Iterator[Path]:
    listings = [_files(root) for root in roots]
    for at in range(max(map(len, listings))):
        yield from (listing[at] for listing in listings if at < len(listing))


def _files(root: Path) -> list[Path]:
    """Every 7th file, so that no single library is most of it."""
    found = (path for path in sorted(root.rglob("*")) if path.suffix in SUFFIXES and _is_ordinary(path, root))
    return list(found)[::7]


def _is_ordinary(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    tests = any(part.startswith(("test", "idle_test")) or part in {"site-packages", "fixtures"} for part in parts)
    return not tests and path.is_file() and path.stat().st_size <= LARGEST_BYTES
