"""What the system says about processes and processors. Linux tells all of it; elsewhere figures are missing (None)."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import msgspec

_PROC = Path("/proc")


class Layout(msgspec.Struct, frozen=True):
    """Who runs on which processors; empty: wherever the system likes."""

    proxy: tuple[int, ...] = ()
    load: tuple[int, ...] = ()
    """The load's and the provider's."""
    writer: tuple[int, ...] = ()
    """The processes that the proxy has started."""


def layout() -> Layout:
    """Give the proxy one processor, load and provider another, the writer the rest; with two, it has both to choose."""
    if not hasattr(os, "sched_setaffinity"):
        return Layout()
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        return Layout()
    return Layout((cpus[0],), (cpus[1],), tuple(cpus[2:] or cpus))


def pin(pid: int, cpus: tuple[int, ...]) -> None:
    """Keep all threads of a process on these processors."""
    if not cpus or not hasattr(os, "sched_setaffinity"):
        return
    for task in (_PROC / str(pid) / "task").iterdir():
        os.sched_setaffinity(int(task.name), cpus)


def family(pid: int) -> list[int]:
    """Return the processes that a process has started, and theirs."""
    children = [child for child, parent in _parents() if parent == pid]
    return [*children, *(each for child in children for each in family(child))]


def cpu_ms(pid: int) -> float | None:
    """Return how long a process has run on a processor, threads that have ended included, to a tick (10 ms)."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def fine_cpu_ms(pid: int) -> float | None:
    """Return how long the living threads of a process have run, to the nanosecond; to a tick on other kernels."""
    try:
        tasks = [task / "schedstat" for task in (_PROC / str(pid) / "task").iterdir()]
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6
    except (OSError, IndexError):
        return cpu_ms(pid)


def memory_mb(pid: int, field: str = "VmRSS") -> float | None:
    """Return what a process holds in memory; `VmHWM`: the most that it ever held."""
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{field}:")), None)


def describe() -> dict[str, str]:
    """Say what was measured on."""
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": f"{os.cpu_count()} of {models[0] if models else platform.processor()}",
        "load before": " ".join(f"{figure:.2f}" for figure in os.getloadavg()),
    }


def _parents() -> Iterator[tuple[int, int]]:
    for folder in _PROC.glob("[0-9]*"):
        try:
            yield int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
