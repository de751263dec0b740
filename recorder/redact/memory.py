"""What was made of short texts before: a client says most of its names and headers again in every request."""

from recorder.model import SafeText

MOST_TEXTS = 4096
MOST_CHARS = 1000
"""Of a text that is worth remembering: a name, an id, a header's value, an object of a dozen numbers."""


class Memory:
    """Short texts and what redaction made of each, until a secret is learned: then all is forgotten.

    The memory of the process, like the known values; nothing of it is ever stored.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], SafeText] = {}

    def made_of(self, kind: str, text: str) -> SafeText | None:
        """Return what was made of a text of that kind; None when it is not remembered."""
        return self._made.get((kind, text))

    def remember(self, kind: str, text: str, made: SafeText) -> None:
        """Remember it, unless it is long; of too many texts none is kept, which is simpler than to choose."""
        if len(text) <= MOST_CHARS:
            if len(self._made) >= MOST_TEXTS:
                self._made.clear()
            self._made[kind, text] = made

    def forget(self) -> None:
        """Forget everything."""
        self._made.clear()
