"""Room for what waits for the writer: in turn, within the limit, and nobody is woken in vain."""

import asyncio

import pytest

from recorder.capture.room import Room


async def entered(room, size, log, name):
    await room.enter(size)
    room.take(size)
    log.append(name)


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_in_turn_and_within_the_limit_and_past_what_does_not_fit():
    room, log = Room(10), []
    tasks = [asyncio.create_task(entered(room, size, log, size)) for size in (6, 5, 4, 3)]
    await settle()
    assert (log, room.bytes) == ([6, 4], 10)  # 4 fits beside 6, while 5 waits
    room.free(4)
    await settle()
    assert (log, room.bytes) == ([6, 4, 3], 9)
    room.free(6)
    await asyncio.gather(*tasks)
    assert (log, room.bytes) == ([6, 4, 3, 5], 8)


async def test_what_is_larger_than_all_room_is_let_in_alone():
    room, log = Room(10), []
    await entered(room, 1, log, "small")
    large = asyncio.create_task(entered(room, 99, log, "large"))
    await settle()
    assert log == ["small"]
    room.free(1)
    await large
    assert room.bytes == 99


@pytest.mark.parametrize("is_let_in", [False, True])
async def test_who_gives_up_makes_place_for_the_next(is_let_in):
    room, log = Room(10), []
    await entered(room, 10, log, 1)
    second = asyncio.create_task(entered(room, 8, log, 2))
    third = asyncio.create_task(entered(room, 9, log, 3))
    await settle()
    if is_let_in:  # and given up before it could take what it was promised
        room.free(10)
        second.cancel()
    else:
        second.cancel()
        room.free(10)
    await third
    assert (log, room.bytes) == ([1, 3], 9)
    assert second.cancelled()


async def test_only_those_that_fit_are_woken():
    room, woken = Room(10), []

    class Told(Room):
        def _fits(self, size):
            woken.append(size)
            return super()._fits(size)

    room = Told(10)
    await room.enter(10)
    room.take(10)
    tasks = [asyncio.create_task(room.enter(10)) for _ in range(1000)]
    await settle()
    woken.clear()
    room.free(10)
    await settle()
    assert len(woken) <= 40
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert room.bytes == 0
