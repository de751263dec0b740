"""An AWS secret access key that stands bare in front of the id that it belongs to.

A pattern would begin with any 40 characters of base64 and be tried at each byte of a program or a picture; the id is
rare and known by its first letters, so the way back is looked at from there.
"""

import re
from collections.abc import Iterator

from recorder.redact.regex import compile_bytes
from recorder.redact.rules.base import Place
from recorder.redact.rules.clouds import AwsSecretKey
from recorder.redact.spans import Rank, Span

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
_ID = compile_bytes(r"(?:AKIA|ASIA)[A-Z0-9]{16}")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html; `re` sees a bounded stretch
_SECRET = re.compile(rb"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_NEAR_BYTES = 200


class AwsPairDetector:
    """Finds secret keys by the id behind them."""

    name = "aws-pair"
    patterns = (r"(?:AKIA|ASIA)[A-Z0-9]{16}",)

    def __init__(self) -> None:
        self._rule = AwsSecretKey()

    def find(self, text: bytes) -> list[Span]:
        """Find the keys in UTF-8 text; offsets are bytes."""
        return list(self._find(text))

    def _find(self, text: bytes) -> Iterator[Span]:
        for one in _ID.finditer(text):
            for match in _SECRET.finditer(text, max(0, one.start() - _NEAR_BYTES), one.start()):
                start, end = match.span()
                if self._rule.accepts(Place(text, start, start, end)):
                    yield Span(start, end, self._rule.kind, match.group(), Rank.FORMAT)
