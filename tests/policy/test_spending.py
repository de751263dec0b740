"""What counts of an interaction, by how it ended and by what its provider said of it."""

from decimal import Decimal

import pytest

from recorder.model import State
from recorder.policy.spending import UNSENT, Amounts, Spent, counted
from recorder.policy.subject import Subject

EXPECTED = Amounts(usd=Decimal("0.02"), input_tokens=300, output_tokens=1000)
SAID = {"usd": Decimal("0.5"), "prompt_tokens": 40, "output_tokens": 7000}
BEGUN = {"usd": Decimal("0.001"), "prompt_tokens": 400, "output_tokens": 1}
"""Of a stream that broke off: its beginning told of the prompt, and of one token."""


@pytest.mark.parametrize(
    ("state", "given", "amounts"),
    [
        (State.COMPLETE, SAID, ("0.5", 40, 7000, 1)),
        (State.COMPLETE, {}, ("0.02", 300, 1000, 1)),
        (State.COMPLETE, SAID | {"usd": None}, ("0.02", 40, 7000, 1)),
        (State.COMPLETE, {"expected": None}, (None, 0, 0, 1)),
        (State.COMPLETE, SAID | {"usd": None, "expected": None}, (None, 40, 7000, 1)),
        (State.FAILED, {}, ("0", 0, 0, 1)),
        (State.FAILED, {"expected": None}, ("0", 0, 0, 1)),
        (State.FAILED, BEGUN, ("0.001", 400, 1, 1)),
        (State.FAILED, {"reason": "connect_failed"}, ("0", 0, 0, 0)),
        (State.ABORTED, {}, ("0.02", 300, 1000, 1)),
        (State.ABORTED, BEGUN, ("0.02", 400, 1000, 1)),
        (State.ABORTED, SAID, ("0.5", 300, 7000, 1)),
        (State.ABORTED, {"expected": None}, (None, 0, 0, 1)),
        (State.ABORTED, {"expected": UNSENT}, ("0", 0, 0, 0)),
        (State.LOST, {}, ("0.02", 300, 1000, 1)),
        (State.BLOCKED, {"expected": None}, ("0", 0, 0, 0)),
        (State.BLOCKED, {"reason": "outbound_secret"}, ("0", 0, 0, 0)),
        (State.BLOCKED, {"expected": UNSENT}, ("0", 0, 0, 0)),
        (State.BLOCKED, {"reason": "its record was late"}, ("0.02", 300, 1000, 1)),
    ],
)
def test_what_counts(state: State, given: dict, amounts: tuple) -> None:
    found = counted(Spent(**{"at_us": 0, "subject": Subject(), "state": state, "expected": EXPECTED} | given))
    usd = None if found.usd is None else format(found.usd, "f")
    assert (usd, found.input_tokens, found.output_tokens, found.requests) == amounts
