"""Where claude-tap, which records too, is ahead of `recorder start`, and why: a line under each table."""

import statistics
from collections.abc import Callable, Sequence

from tests.bench.contestants import CLAUDE_TAP, START
from tests.bench.results import Results
from tests.bench.writing import written

MORE_IS_BETTER = frozenset({"per_second"})
_WAITS = (
    "no byte of an answer goes out before its request is redacted and durable on the record; "
    f"{CLAUDE_TAP} writes its record, unredacted, after the end of the answer"
)
_SHARED = (
    f"what is recorded is redacted and stored beside it, on the same processors; {CLAUDE_TAP} writes bodies as they "
    "came, after the answer"
)
WHY = {
    "first_ms_p50": _WAITS,
    "first_ms_p99": _WAITS,
    "delay_ms_p50": _SHARED,
    "delay_ms_p99": _SHARED,
    "delay_ms_max": _SHARED,
    "per_second": f"an answer waits for two durable records, and the next request for the answer; {_SHARED}",
    "cpu_ms": "mitmproxy does more for a chunk, and for a connection, than an aiohttp proxy does",
    "cpu_ms_others": f"{CLAUDE_TAP} has no other processes: it does not redact, and writes in its own",
    "listening_ms": "mitmproxy is more to load: TLS interception, and every protocol that it speaks",
    "first_answer_ms": "the first request waits for the detectors, which a process beside it loads",
    "own": "mitmproxy, with its TLS and every protocol that it speaks, is larger than an aiohttp proxy",
    "others": "the detectors' automata, and the bodies of the last minutes, with which the next turn is compared",
    "own_peak": "mitmproxy, with its TLS and every protocol that it speaks, is larger than an aiohttp proxy",
    "database_bytes": "each record holds what proves it: hashes, salts and a tree over them",
    "own_ms": "a turn is redacted, priced and proven while the proxy waits, on the same processors",
}
"""A reason for each figure that can be compared."""


def in_rounds(results: Results, scenario: str, figure: str) -> str:
    """Return our ratio to the peer, with its interval, when the median is the worse one; else nothing."""
    found = results.compared(scenario, figure, START.name, CLAUDE_TAP)
    if found is None or not (found.median < 1 if figure in MORE_IS_BETTER else found.median > 1):
        return ""
    return f" ({written(found)})"


def in_starts(results: Results, figure: str) -> bool:
    """Tell the same of the times of fresh processes."""
    return _both(results.fresh, lambda one: statistics.median(getattr(one, figure)))


def in_memory(results: Results, figure: str) -> bool:
    """Tell the same of memory, after whatever: once is enough."""
    ours, theirs = (results.fresh.get(each) for each in (START.name, CLAUDE_TAP))
    if ours is None or theirs is None:
        return False
    left = {held.after: getattr(held, figure) for held in theirs.memory}
    return any(getattr(held, figure) > left[held.after] for held in ours.memory if held.after in left)


def in_growth(results: Results, figure: str) -> bool:
    """Tell the same of a conversation: of bytes, or of the median time of a turn."""

    def value(one: object) -> float:
        found = getattr(one, figure)
        return statistics.median(found) if isinstance(found, Sequence) and found else float(found or 0)

    return _both(results.growth, value)


def _both[Each](by_name: dict[str, Each], value: Callable[[Each], float]) -> bool:
    ours, theirs = by_name.get(START.name), by_name.get(CLAUDE_TAP)
    return ours is not None and theirs is not None and value(ours) > value(theirs)


def why(titles: dict[str, str], behind: Callable[[str], str | bool]) -> str:
    """Return the lines that go under a table whose rows, by figure, have these titles; empty when there are none.

    `behind`: whether we are, in a figure; a text follows the row's title.
    """
    found: dict[str, list[str]] = {}
    for figure, title in titles.items():
        if by := behind(figure):
            found.setdefault(WHY[figure], []).append(f"*{title}*{by if isinstance(by, str) else ''}")
    return "\n".join(f"- {CLAUDE_TAP} is ahead in {', '.join(rows)}: {reason}." for reason, rows in found.items())
