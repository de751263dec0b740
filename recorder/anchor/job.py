"""`python -m recorder.anchor.job`: one round of anchoring, in a process of its own, so that nothing waits for it.

Reads `{"db": ..., "anchors": [...]}` on standard input; prints a line for each anchor that failed.
"""

import sys
from pathlib import Path

import msgspec

from recorder.anchor.anchoring import anchor_now
from recorder.capture.anchor_schedule import Job
from recorder.errors import RecorderError


def main() -> None:
    """Do the round."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    try:
        outcomes = anchor_now(Path(job.db), job.anchors)
    except RecorderError as error:
        print(error)  # noqa: T201 -- the proxy's process reads it
        return
    for outcome in outcomes:
        if outcome.failure or outcome.unrecorded:
            print(f"anchor {outcome.name}: {outcome.failure or outcome.unrecorded}")  # noqa: T201


if __name__ == "__main__":
    main()
