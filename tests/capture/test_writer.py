"""The writer process as its starter sees it; what it does with frames is in test_desk.py."""

import asyncio
import os
from pathlib import Path

import pytest

from recorder.capture.link import WriterLink
from recorder.capture.messages import Ack
from recorder.store.database import open_reader
from recorder.store.queries import last_seq
from tests.support.desk import greeting


async def test_what_is_recorded_is_in_the_database_file_when_a_writer_has_ended(tmp_path: Path) -> None:
    acks = asyncio.Queue[Ack]()
    link = await WriterLink.spawn(acks.put_nowait)
    try:
        await link.send(greeting(tmp_path))
        assert [(await acks.get()).error for _ in range(2)] == [None, None]  # greeted, and ready
    finally:
        await link.end()
    assert [path.name for path in tmp_path.glob("records.db-*") if path.suffix != ".lock"] == []
    copy = tmp_path / "copy.db"
    copy.write_bytes((tmp_path / "records.db").read_bytes())
    with open_reader(copy) as db:
        assert last_seq(db) == 1


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux knows batch processes")
async def test_a_writer_does_not_take_the_processor_from_the_proxy(tmp_path: Path) -> None:
    acks = asyncio.Queue[Ack]()
    link = await WriterLink.spawn(acks.put_nowait)
    try:
        await link.send(greeting(tmp_path))
        assert (await acks.get()).error is None
        assert os.sched_getscheduler(link.pid) == os.SCHED_BATCH
    finally:
        await link.end()
