import pytest

from recorder.redact import Edit, map_offset

EDITS = (Edit(5, 10, 2), Edit(20, 22, 8), Edit(22, 25, 1))


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0, 0), (4, 4), (5, 5), (7, 5), (10, 7), (15, 12), (20, 17), (21, 17), (22, 25), (24, 25), (25, 26), (40, 41)],
)
def test_map_offset(offset: int, expected: int) -> None:
    assert map_offset(EDITS, offset) == expected


def test_without_edits_nothing_moves() -> None:
    assert map_offset((), 12) == 12
