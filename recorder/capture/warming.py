"""What the first texts of a process would wait for, done while nobody asks the writer for anything.

Patterns are compiled when they are first asked, and RE2 builds the states of its automata as texts need them: so the
writer reads this package's own source code, which is here, and full of the words that detectors stop at.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

import recorder.redact
from recorder.redact import Redactor

_STEP_CHARS = 2000
"""Read in some milliseconds even by a process in which nothing is ready."""


def warming(redactor: Redactor) -> Iterator[None]:
    """Get a redactor ready, a step at a time; what it makes of the text that it is shown is thrown away."""
    for path in sorted(Path(recorder.redact.__file__).parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for at in range(0, len(text), _STEP_CHARS):
            redactor.json(msgspec.json.encode({"content": text[at : at + _STEP_CHARS]}))
            yield
