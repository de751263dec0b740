"""Several times more than can be written: bounds hold, nothing is lost in silence, and it is over when it is over."""

from pathlib import Path

import pytest

from tests.bench.overload import overload


@pytest.mark.parametrize("policy", ["block", "pass"])
async def test_overload(tmp_path: Path, policy: str) -> None:
    found = await overload(tmp_path, policy, 1, times=8, pending_bytes=200_000, wait=0.3)
    assert found.offered == found.answered + found.refused
    assert found.most_pending_bytes <= found.pending_limit_bytes + 30_000
    assert found.open_rows == 0
    if policy == "block":
        # Nobody got an answer that is not on record, and some were told so.
        assert found.refused > 0
        assert found.answered <= found.complete_rows
        # Each of them is named, by a tenth as many records.
        assert found.gaps_named == found.refused
        assert found.gap_records <= found.refused / 10 + 10
    else:
        assert found.refused == 0
        assert found.gaps_named > 0
        assert found.offered <= found.complete_rows + found.gaps_named
