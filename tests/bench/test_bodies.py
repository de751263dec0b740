"""Bodies have the size that a table says, and nothing in them was sent before."""

import json

import pytest

from tests.bench.bodies import LARGE_BYTES, MEDIUM_BYTES, SMALL_BYTES, fresh, template
from tests.bench.growth import conversation_bodies, distinct_bytes


@pytest.mark.parametrize("size", [SMALL_BYTES, MEDIUM_BYTES, LARGE_BYTES])
def test_a_body_has_about_its_size(size: int) -> None:
    assert 0.9 < len(template(size)) / size < 1.1


def test_two_bodies_share_no_message() -> None:
    first, second = (json.loads(fresh(template(MEDIUM_BYTES))) for _ in range(2))
    seen = {json.dumps(message) for message in first["messages"]}
    assert len(seen) == len(first["messages"]) > 100
    assert seen.isdisjoint(json.dumps(message) for message in second["messages"])


def test_a_conversation_repeats_what_was_said_and_grows_to_a_megabyte() -> None:
    bodies = conversation_bodies(200)
    earlier, later = (json.loads(body)["messages"] for body in bodies[-2:])
    assert later[: len(earlier)] == earlier
    assert 0.9 < len(bodies[-1]) / MEDIUM_BYTES < 1.1
    assert 0.95 < distinct_bytes(200) / len(bodies[-1]) <= 1
