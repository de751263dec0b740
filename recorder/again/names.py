"""Placeholders of two machines: each names a secret by a fingerprint with a key of its own."""

import re
from collections import defaultdict

_NAMED = re.compile(rb"\[REDACTED:([a-z0-9-]+):([0-9a-f]{32})\]")


def named_alike(body: bytes, recorded: bytes) -> bytes:
    """Give the secrets of a redacted body the names that those of the recorded one have, in the order of each kind.

    Whether the first token here is the first token there nobody can tell: the value of neither is known.
    """
    theirs: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for kind, name in dict.fromkeys(_NAMED.findall(recorded)):
        theirs[kind].append(name)
    ours: defaultdict[bytes, dict[bytes, bytes]] = defaultdict(dict)

    def renamed(found: re.Match[bytes]) -> bytes:
        kind, name = found.groups()
        known = ours[kind]
        if name not in known:
            at = len(known)
            known[name] = theirs[kind][at] if at < len(theirs[kind]) else name
        return b"[REDACTED:%b:%b]" % (kind, known[name])

    return _NAMED.sub(renamed, body)
