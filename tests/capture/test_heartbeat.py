"""A beat comes when nothing else did, and only then."""

import asyncio

from recorder.capture.heartbeat import Heartbeat


async def test_it_beats_while_nothing_happens() -> None:
    beats, done = [0], asyncio.Event()

    def beat() -> None:
        beats[0] += 1
        if beats[0] == 3:
            done.set()

    heartbeat = Heartbeat(0.001, lambda: beats[0], beat)
    heartbeat.start()
    await done.wait()
    await heartbeat.stop()
    await heartbeat.stop()


async def test_it_is_quiet_while_something_happens() -> None:
    counts, asked = iter(range(1000)), asyncio.Event()

    def count() -> int:
        number = next(counts)
        if number > 20:
            asked.set()
        return number

    def beat() -> None:
        raise AssertionError("something was recorded meanwhile")

    heartbeat = Heartbeat(0.001, count, beat)
    heartbeat.start()
    await asked.wait()
    await heartbeat.stop()
