"""What processes say about their memory to the allocator; in processes of their own, since it holds for all of one."""

import platform
import subprocess
import sys

import pytest

from recorder.capture.link import module_environment

_BODIES = """
from pathlib import Path
from recorder.capture.limits import give_back_free, give_back_large

def held():
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) * 1024

{first}
before = held()
for _ in range(3):
    body = b"x" * 20_000_000
    pieces = [b"y" * 100_000 for _ in range(200)]
    del body, pieces[1::2]
    pieces.clear()
{last}
print(held() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators are let alone")
def test_memory_of_large_bodies_is_given_back() -> None:
    assert _kept("", "") > 15_000_000  # so that the next line says something
    assert _kept("give_back_large()", "give_back_free()") < 5_000_000


def _kept(first: str, last: str) -> int:
    script = _BODIES.format(first=first, last=last)
    done = subprocess.run(
        [sys.executable, "-c", script], env=module_environment(), capture_output=True, text=True, check=True
    )
    return int(done.stdout)
