"""What was not as it should be on the wire, kept beside what was understood.

Invariant: nothing in this room raises on, or drops in silence, bytes it cannot read. A decoder hands them on as an
`Anomaly`; who must not store raw bytes still sees that, where and how many there were.
"""

import msgspec

RAW_CAP_BYTES = 65536
"""Enough to see what went wrong; a whole 100 MB body of nonsense must not ride along a second time."""


class Anomaly(msgspec.Struct, frozen=True):
    """One irregularity: its `kind` (a snake_case word to count by), a sentence, and the bytes concerned.

    `detail` never quotes the wire, so it may be shown and stored as it is; `raw` is unredacted and ends at
    `RAW_CAP_BYTES` (`detail` then says how many bytes there were).
    """

    kind: str
    detail: str
    raw: bytes = b""


def anomaly(kind: str, detail: str, raw: bytes = b"") -> Anomaly:
    """Make an `Anomaly` whose `raw` keeps within the cap; `detail` must not quote the wire."""
    if len(raw) <= RAW_CAP_BYTES:
        return Anomaly(kind, detail, bytes(raw))
    return Anomaly(
        kind, f"{detail} (the first {RAW_CAP_BYTES} of {len(raw)} bytes are kept)", bytes(raw[:RAW_CAP_BYTES])
    )
