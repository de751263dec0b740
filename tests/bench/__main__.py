"""`python -m tests.bench`: measures, writes JSON, and prints the tables."""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tests.bench.arena import Scene, running_provider
from tests.bench.contestants import OWN, Contestant
from tests.bench.durable import durable
from tests.bench.growth import conversations
from tests.bench.machine import Layout, describe, layout
from tests.bench.peers import CACHE, peers
from tests.bench.results import Results
from tests.bench.rounds import SCENARIOS, Samples, play
from tests.bench.scenarios import Effort
from tests.bench.starts import fresh_starts
from tests.bench.tables import text

PARTS = ("starts", "growth", "durable")
"""What `--only` can name beside the rounds' scenarios."""
FULL = Effort(
    rounds=8,
    rate_seconds=3,
    stream_events=120,
    mixed_seconds=5,
    requests=150,
    starts=5,
    interactions=10_000,
    large_bodies=8,
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
    parser.add_argument("--no-peers", action="store_true", help="without claude-tap and LiteLLM")
    parser.add_argument("--out", type=Path, default=CACHE / "results.json", help="where the figures go")
    arguments = parser.parse_args()
    effort = QUICK if arguments.quick else FULL
    if arguments.rounds:
        effort = msgspec.structs.replace(effort, rounds=arguments.rounds)
    results = asyncio.run(_measure(effort, arguments))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    sys.stdout.write(f"{text(results)}\n")
    _say(f"figures are in {arguments.out}")


async def _measure(effort: Effort, arguments: argparse.Namespace) -> Results:
    place, notes = layout(), list[str]()
    began = time.monotonic()

    def note(words: str) -> None:
        notes.append(words)
        _say(words)

    chosen = [*OWN, *([] if arguments.no_peers else peers(note))]
    machine = describe()
    if place.load:
        os.sched_setaffinity(0, place.load)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        async with running_provider(place) as provider:
            scene = Scene(provider, place, Path(name))
            only = arguments.only
            fresh = await fresh_starts(scene, chosen, effort, _say) if only in PARTS[0] else {}
            grown = await conversations(scene, chosen, effort.turns, _say) if only in PARTS[1] else {}
            rows = await durable(scene, effort.requests) if only in PARTS[2] else None
            samples = await _rounds(scene, chosen, effort, only)
    return Results(
        machine=machine | {"processors used": _words(place), "seconds": f"{time.monotonic() - began:.0f}"},
        contestants=[one.name for one in chosen],
        rounds=effort.rounds,
        samples=samples,
        fresh=fresh,
        growth=grown,
        durable=rows,
        notes=notes,
    )


async def _rounds(scene: Scene, chosen: list[Contestant], effort: Effort, only: str) -> Samples:
    if not any(only in name for name in SCENARIOS):
        return {}
    async with contextlib.AsyncExitStack() as stack:
        running = [await stack.enter_async_context(scene.contest(one)) for one in chosen]
        return await play(running, scene.provider, effort, only, _say)


def _words(place: Layout) -> str:
    return "; ".join(
        f"{name} {','.join(map(str, cpus)) or 'any'}" for name, cpus in msgspec.structs.asdict(place).items()
    )


def _say(words: str) -> None:
    sys.stderr.write(f"bench: {words}\n")


if __name__ == "__main__":
    main()
