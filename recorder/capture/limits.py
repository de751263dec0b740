"""Bounds that the writer process sets itself: on its memory, and on what a crash of it may leave on a disk."""

import resource
import sys
from pathlib import Path


def forbid_core_dumps() -> None:
    """A dump of this process would put on the disk what redaction keeps off it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_memory(further_bytes: int) -> None:
    """Let the process take so much more address space than it has now; beyond it allocations fail.

    Linux only: macOS takes the limit and does not enforce it.
    """
    if sys.platform != "linux":
        return
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    bound = pages * resource.getpagesize() + further_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))
