"""`python -m tests.bench`: measures, writes JSON, and prints the tables."""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.arena import Scene, running_provider
from tests.bench.contestants import FAILURES, OWN, Contestant
from tests.bench.durable import durable
from tests.bench.growth import conversations
from tests.bench.machine import Layout, describe, layout
from tests.bench.peers import CACHE, peers
from tests.bench.results import Results
from tests.bench.rounds import SCENARIOS, Rounds, present
from tests.bench.scenarios import Effort
from tests.bench.starts import fresh_starts
from tests.bench.tables import text
from tests.bench.work import work

PARTS = ("starts", "growth", "durable", "work")
"""What `--only` can name beside the rounds' scenarios."""
FULL = Effort(
    rounds=8,
    rate_seconds=1.5,
    stream_events=60,
    mixed_seconds=3,
    requests=100,
    starts=3,
    interactions=10_000,
    large_bodies=6,
)
QUICK = Effort(
    rounds=1,
    rate_seconds=0.7,
    stream_events=30,
    mixed_seconds=1,
    requests=16,
    starts=1,
    interactions=400,
    large_bodies=2,
    turns=60,
)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two minutes, for a look: one round says little")
    parser.add_argument("--rounds", type=int, help="how many paired rounds")
    parser.add_argument("--only", default="", help="only what has this in its name")
    parser.add_argument("--who", default="", help="only those named, with ; between, as 'mitmdump; recorder start'")
    parser.add_argument("--no-peers", action="store_true", help="without claude-tap and LiteLLM")
    parser.add_argument("--out", type=Path, default=CACHE / "results.json", help="where the figures go")
    parser.add_argument("--go-on", action="store_true", help="go on where a run that wrote to the same file stopped")
    arguments = parser.parse_args()
    effort = QUICK if arguments.quick else FULL
    if arguments.rounds:
        effort = msgspec.structs.replace(effort, rounds=arguments.rounds)
    results = asyncio.run(_measure(effort, arguments))
    sys.stdout.write(f"{text(results)}\n")
    _say(f"figures are in {arguments.out}")


class Book:
    """A run's figures so far, in a file from the first one on."""

    def __init__(self, path: Path, results: Results, *, go_on: bool) -> None:
        self._path = path
        self._began = time.monotonic()
        self.results = results
        if go_on and path.exists():
            self.results = msgspec.json.decode(path.read_bytes(), type=Results)
            if self.results.contestants != results.contestants:
                raise SystemExit(f"{path} has other contestants: {', '.join(self.results.contestants)}")
            self._began -= float(self.results.machine["seconds"])

    def add(self, **figures: Any) -> None:
        """Take figures in, and write the file."""
        machine = self.results.machine | {"seconds": f"{time.monotonic() - self._began:.0f}"}
        self.results = msgspec.structs.replace(self.results, machine=machine, **figures)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = self._path.with_suffix(".new")
        whole.write_bytes(msgspec.json.format(msgspec.json.encode(self.results), indent=1) + b"\n")
        whole.replace(self._path)

    def leave_out(self, one: Contestant, part: str, error: BaseException) -> None:
        """Take note that a peer failed; raise the failure when it is one of our own."""
        if not one.is_peer:
            raise error
        words = f"{one.name} is left out of {part}, it failed: {type(error).__name__}"
        _say(words)
        self.add(notes=[*self.results.notes, words])


async def _measure(effort: Effort, arguments: argparse.Namespace) -> Results:
    place, notes = layout(), list[str]()

    def note(words: str) -> None:
        notes.append(words)
        _say(words)

    chosen = named([*OWN, *([] if arguments.no_peers else peers(note))], arguments.who)
    machine = describe() | {"processors used": _words(place), "seconds": "0"}
    names = [one.name for one in chosen]
    book = Book(arguments.out, Results(machine, names, 0, notes=notes), go_on=arguments.go_on)
    if place.load:
        os.sched_setaffinity(0, place.load)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        async with running_provider(place) as provider:
            scene = Scene(provider, place, Path(name))
            await _once(scene, chosen, effort, arguments.only, book)
            await _rounds(scene, chosen, effort, arguments.only, book)
    return book.results


def named(contestants: list[Contestant], names: str) -> list[Contestant]:
    """Return the contestants that are named, with `;` between them; all when none is."""
    wanted = [name.strip() for name in names.split(";") if name.strip()]
    if unknown := set(wanted) - {one.name for one in contestants}:
        raise SystemExit(f"--who: no {', '.join(unknown)}; there are {'; '.join(one.name for one in contestants)}")
    return [one for one in contestants if not wanted or one.name in wanted]


async def _once(scene: Scene, chosen: list[Contestant], effort: Effort, only: str, book: Book) -> None:
    done = book.results
    if only in PARTS[0] and not done.fresh:
        book.add(fresh=await fresh_starts(scene, chosen, effort, _say, book.leave_out))
    if only in PARTS[1] and not done.growth:
        book.add(growth=await conversations(scene, chosen, effort.turns, _say, book.leave_out))
    if only in PARTS[2] and not done.durable:
        book.add(durable=await durable(scene, effort.requests))
    if only in PARTS[3] and not done.work:
        book.add(work=work(scene.folder, effort.requests))
        _say("the writer's work is measured")


async def _rounds(scene: Scene, chosen: list[Contestant], effort: Effort, only: str, book: Book) -> None:
    first = book.results.rounds
    if not any(only in name for name in SCENARIOS) or first >= effort.rounds:
        return
    async with contextlib.AsyncExitStack() as stack:
        running = []
        for one in present(chosen, book.results.samples):
            try:
                running.append(await stack.enter_async_context(scene.contest(one)))
            except FAILURES as error:
                book.leave_out(one, "the rounds", error)
        rounds = Rounds(running, scene.provider, effort, only)
        for number in range(first, effort.rounds):
            samples = await rounds.play(number, book.results.samples)
            notes = [*dict.fromkeys((*book.results.notes, *rounds.notes))]
            book.add(samples=samples, rounds=number + 1, notes=notes)
            _say(f"round {number + 1} of {effort.rounds} is done")


def _words(place: Layout) -> str:
    return "; ".join(
        f"{name} {','.join(map(str, cpus)) or 'any'}" for name, cpus in msgspec.structs.asdict(place).items()
    )


def _say(words: str) -> None:
    sys.stderr.write(f"bench: {words}\n")


if __name__ == "__main__":
    main()
