"""How an exchange ended, as the proxy saw it, and what state that makes of the interaction."""

from enum import StrEnum

from recorder.model import State
from recorder.wire.answer import Answer


class Outcome(StrEnum):
    """What the proxy saw."""

    ANSWERED = "answered"
    """The answer's framing ended as it should."""
    CLIENT_ABORT = "client_abort"
    UPSTREAM_ABORT = "upstream_abort"
    """The provider's side broke off, or broke the protocol, before the answer was whole."""
    CONNECT_FAILED = "connect_failed"
    """The provider was not reached."""
    BLOCKED = "blocked"
    """The recorder refused the request or withheld the answer, because it could not be recorded."""
    OUTBOUND = "outbound_secret"
    """The recorder refused the request, because it would have carried a secret out."""
    UNRECORDED = "unrecorded"
    """The answer went through, as configured, but could not be recorded."""
    SHUTDOWN = "shutdown"
    """The recorder stopped while the answer was under way."""


_STATES = {
    Outcome.CLIENT_ABORT: State.ABORTED,
    Outcome.UPSTREAM_ABORT: State.ABORTED,
    Outcome.SHUTDOWN: State.ABORTED,
    Outcome.CONNECT_FAILED: State.FAILED,
    Outcome.BLOCKED: State.BLOCKED,
    Outcome.OUTBOUND: State.BLOCKED,
    Outcome.UNRECORDED: State.LOST,
}


def judge(outcome: Outcome, status: int | None, answer: Answer | None) -> tuple[State, str | None]:
    """Return the state and, unless all is well, the reason in one word."""
    if outcome is not Outcome.ANSWERED:
        return _STATES[outcome], outcome.value
    if status is not None and status >= 400:
        return State.FAILED, "error_status"
    if answer is not None and answer.error is not None:
        return State.FAILED, "error_event"
    if answer is not None and not answer.complete:
        return State.ABORTED, "truncated"
    return State.COMPLETE, None
