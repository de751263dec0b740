"""Bounds that processes set themselves: on memory, and on what a crash of the writer may leave on a disk."""

import ctypes
import resource
import sys
from collections.abc import Callable
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


GIVEN_BACK_BYTES = 4_000_000
"""From here on a single allocation is the system's again once it is free."""
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h


def give_back_large() -> None:
    """Let memory for large bodies go back to the system at once.

    Of itself glibc learns from the first body of 20 MB that such blocks are usual, and keeps up to 40 MB free from then
    on. Where there is another allocator, nothing happens.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, GIVEN_BACK_BYTES)
        mallopt(_M_TRIM_THRESHOLD, GIVEN_BACK_BYTES)


def give_back_free() -> None:
    """Let memory that is free between what is not go back too; takes milliseconds."""
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    found: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    return found
