"""A run's figures as tables in Markdown."""

import statistics
from collections.abc import Sequence
from functools import partial

from tests.bench import behind
from tests.bench.contestants import BASE, DIRECT
from tests.bench.figures import Ratio
from tests.bench.growth import Growth
from tests.bench.results import Results
from tests.bench.writing import NONE, TIMES, number, table, written

ROUNDS = {
    "first_ms_p50": "ms to first byte, median",
    "first_ms_p99": "ms to first byte, p99",
    "delay_ms_p50": "ms delay of an event, median",
    "delay_ms_p99": "ms delay of an event, p99",
    "delay_ms_max": "ms delay of an event, most",
    "per_second": "requests a second",
    "cpu_ms": "processor ms a request, the proxy's process",
    "cpu_ms_others": "processor ms a request, its other processes",
}
STARTS = {"listening_ms": "ms until it listens", "first_answer_ms": "ms until its first answer"}
MEMORY = {"own": "its process", "own_peak": "the most so far", "others": "other processes"}
GROWTH = {"database_bytes": "MB stored", "own_ms": "process ms"}


def text(results: Results) -> str:
    """Return all tables."""
    sections = [_machine(results), _rounds(results), _starts(results), _memory(results), _growth(results)]
    sections += [_durable(results), _work(results), _notes(results)]
    return "\n\n".join(section for section in sections if section)


def _machine(results: Results) -> str:
    facts = "; ".join(f"{name}: {value}" for name, value in results.machine.items())
    return f"Measured in {results.rounds} paired round(s). {facts}."


def _rounds(results: Results) -> str:
    blocks = []
    for scenario, figures in results.samples.items():
        shown = [name for name in ROUNDS if name in figures and any(map(any, figures[name].values()))]
        rows = [[ROUNDS[name], *_cells(results, scenario, name)] for name in shown]
        blocks.append(f"### {scenario[0].upper()}{scenario[1:]}\n\n{table(['', *results.contestants], rows)}")
        blocks.append(behind.why({name: ROUNDS[name] for name in shown}, partial(behind.in_rounds, results, scenario)))
    return "\n\n".join(filter(None, blocks))


def _cells(results: Results, scenario: str, figure: str) -> list[str]:
    cells = []
    for name in results.contestants:
        values = results.samples[scenario][figure].get(name, [])
        shown = number(statistics.median(values)) if any(values) else NONE
        if any(values) and (found := ratio_of(results, scenario, figure, name)):
            shown += f" ({written(found)})"
        cells.append(shown)
    return cells


def ratio_of(results: Results, scenario: str, figure: str, name: str) -> Ratio | None:
    """Compare a contestant with the base; None for the base itself, the direct way, and what cannot be compared."""
    return None if name in {BASE.name, DIRECT.name} else results.compared(scenario, figure, name, BASE.name)


def _starts(results: Results) -> str:
    rows = [
        [name, number(statistics.median(one.listening_ms)), number(statistics.median(one.first_answer_ms))]
        for name, one in results.fresh.items()
    ]
    if not rows:
        return ""
    shown = table(["", *STARTS.values()], rows)
    return "\n\n".join(filter(None, ["### Start", shown, behind.why(STARTS, partial(behind.in_starts, results))]))


def _memory(results: Results) -> str:
    if not results.fresh:
        return ""
    rows = [
        [name, held.after, number(held.own), number(held.own_peak), number(held.others) if held.others else NONE]
        for name, one in results.fresh.items()
        for held in one.memory
    ]
    shown = table(["", "after", *MEMORY.values()], rows)
    return "\n\n".join(filter(None, ["### Memory, MB", shown, behind.why(MEMORY, partial(behind.in_memory, results))]))


def _growth(results: Results) -> str:
    if not results.growth:
        return ""
    rows = [[name, *_growth_cells(one)] for name, one in results.growth.items()]
    heads = ["", "turns", "MB sent", "MB distinct", "MB stored", "of distinct", "before compression"]
    heads += ["writer ms, turns 2 to 21", "writer ms, last 20", "process ms, 2 to 21", "process ms, last 20"]
    why = behind.why(GROWTH, partial(behind.in_growth, results))
    return "\n\n".join(filter(None, ["### A conversation that grows to 1 MB", table(heads, rows), why]))


def _growth_cells(one: Growth) -> list[str]:
    megabytes = [number(size / 1e6) for size in (one.request_bytes, one.distinct_bytes, one.database_bytes)]
    before = f"{one.parts_bytes / one.distinct_bytes:.2f} {TIMES}" if one.parts_bytes else NONE
    ends = [_ends(one.writer_ms), _ends(one.own_ms)]
    return [
        str(one.turns),
        *megabytes,
        f"{one.database_bytes / one.distinct_bytes:.2f} {TIMES}",
        before,
        *(cell for pair in ends for cell in pair),
    ]


def _ends(values: Sequence[float]) -> tuple[str, str]:
    if not values:
        return NONE, NONE
    return number(statistics.median(values[1:21])), number(statistics.median(values[-20:]))


def _durable(results: Results) -> str:
    if not (one := results.durable):
        return ""
    return (
        "### The record and the end of the answer\n\n"
        f"The row of {one.readable_at_end} of {one.answers} answers could be read when their last byte came. It was "
        f"first seen {number(one.seen_after_end_ms_p50)} ms after that (median), {number(one.seen_after_end_ms_max)} "
        "ms at most; less than zero is before."
    )


def _work(results: Results) -> str:
    if not results.work:
        return ""
    rooms = list(dict.fromkeys(room for one in results.work for room in one.shares_ms))
    rows = [
        [
            one.name,
            *(
                NONE if each is None else number(each)
                for each in (one.cpu_ms, one.wall_ms, one.opened_ms, one.closed_ms)
            ),
            *(number(one.shares_ms[room]) if one.shares_ms else NONE for room in rooms),
        ]
        for one in results.work
    ]
    heads = ["an exchange", "processor ms", "ms", "ms of its request", "ms of its answer"]
    heads += [f"processor ms of {room}" for room in rooms]
    return f"### The writer's work, without socket and scheduler\n\n{table(heads, rows)}"


def _notes(results: Results) -> str:
    return "\n".join(f"- {note}" for note in results.notes)
