"""The writer process as its starter sees it; what it does with frames is in test_desk.py."""

import os
from pathlib import Path

import pytest

from recorder.capture.link import WriterLink
from recorder.capture.messages import Hello
from tests.support.recorder_process import CACHE


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux knows batch processes")
async def test_a_writer_does_not_take_the_processor_from_the_proxy(tmp_path: Path) -> None:
    folders = {"config_dir": str(tmp_path), "cache_dir": str(CACHE)}
    hello = Hello(db=str(tmp_path / "r.db"), run_id="r", started_us=0, version="0", on_failure="block", **folders)
    link = await WriterLink.spawn()
    try:
        await link.send(hello)
        ack = await anext(link.acks())
        assert ack.error is None
        assert os.sched_getscheduler(link.pid) == os.SCHED_BATCH
    finally:
        await link.end()
