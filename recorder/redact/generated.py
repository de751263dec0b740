"""Whether a run of characters was made by a generator: no words, or letters and digits that change too often for names.

`re` is safe here: single values of bounded length are judged.
"""

import re
from itertools import pairwise

_SEGMENT = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_CORE = re.compile(rb"[A-Za-z0-9]{9,}")
_DIGIT = re.compile(rb"[0-9]")
_PAIRS = re.compile(rb"(?i)(?=[a-z]{2})")
# Neighbours that make up less than 2 in 10,000 each of those in the words of source code and documentation (counted
# over 40 MB): all of them together 2 %, in random letters half.
_ODD_PAIRS = re.compile(
    rb"(?i)(?=a[hjoq]|b[dfghkmnpqtvwxz]|c[bfgjnqvwxz]|d[fghjkmnpqvwxz]|e[jkz]|f[bcdghjkmnpqvwxz]|g[bcdfjkpqvwxyz]"
    rb"|h[bcdfghjklmnpqsvwxyz]|i[hijquwy]|j[a-df-np-tv-z]|k[bcdfghjklmopqrtuvwxyz]|l[ghjkmnqrwxz]|m[cdfghjknqrtvwxyz]"
    rb"|n[bhjqrwxz]|o[hqyz]|p[bfgjkmnqvwxz]|q[a-tv-z]|r[hjqxz]|s[bgjqvxz]|t[bgjknqvxz]|u[hjkoquvwxyz]|v[b-hj-np-z]"
    rb"|w[bcdfgjklmpqtuvxyz]|x[bdfghjklmnoqrsuvwxyz]|y[abcdfghjkquvwxyz]|z[b-dfghijklmnp-z])"
)
_HEX = re.compile(rb"(?:0x)?(?:[0-9a-f]{24,}|[0-9A-F]{24,})")
_UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# Segments of random base62 have 2 characters, of base36 2.5; words have 4 and more.
_MEAN_SEGMENT = 2.8
_FEWEST_DISTINCT = 8
_SHORTEST_COUNTED, _LONGEST_COUNTED, _FEWEST_COUNTED = 16, 128, 4
_ALPHABET = b"abcdefghijklmnopqrstuvwxyz"


def is_generated(value: bytes, *, least: int = 16) -> bool:
    """Say whether at least `least` letters and digits look random: `8mcc284l3i4sph5a3mgf`, `B8O9w0a7rh0jPxAk`.

    Not `x86_64-pc-windows-msvc`, `vcmla_rot180_laneq_f16`, `2026-03-01T10:00`: one stretch without punctuation must be
    random by itself. Hexadecimal digests and UUIDs are generated too: whether one is a secret, its name says.
    """
    if not _is_varied(value, least):
        return False
    return _is_wordless(value) or (_changes_often(value) and any(map(_changes_often, _CORE.findall(value))))


def is_hex_key(value: bytes) -> bool:
    """Say whether a value is a long run of hexadecimal digits: a key, or a digest."""
    return bool(_HEX.fullmatch(value)) and len(set(value)) >= _FEWEST_DISTINCT


def is_counted(value: bytes) -> bool:
    """Say whether a value is counted up or repeated, as people make keys up: `abcdefabcdef…`; `qwerty` is none.

    Not the whole alphabet, which code has to choose from.
    """
    size = len(value)
    if not _SHORTEST_COUNTED <= size <= _LONGEST_COUNTED or not value.isalnum() or len(set(value)) < _FEWEST_COUNTED:
        return False
    return _ALPHABET not in value.lower() and is_ordered(value)


def is_ordered(value: bytes) -> bool:
    """Say whether most characters are each the next one after the one before, as in an alphabet."""
    steps = sum(after - before == 1 for before, after in pairwise(value.lower()))
    return steps * 4 >= len(value) * 3


def is_uuid(value: bytes) -> bool:
    """Say whether a value is a UUID (RFC 9562 §4)."""
    return bool(_UUID.fullmatch(value))


def _is_varied(value: bytes, least: int) -> bool:
    size = sum(map(len, _SEGMENT.findall(value)))
    return size >= least and not value.isdigit() and len(set(value)) >= min(_FEWEST_DISTINCT, size // 2)


def _is_wordless(value: bytes) -> bool:
    """Say whether too many letters stand beside ones that they do not stand beside in words."""
    odd = len(_ODD_PAIRS.findall(value))
    pairs = len(_PAIRS.findall(value))
    return odd >= 3 and odd * 6 >= pairs if _DIGIT.search(value) else odd >= 5 and odd * 4 >= pairs


def _changes_often(value: bytes) -> bool:
    segments = _SEGMENT.findall(value)
    return len(segments) * _MEAN_SEGMENT >= sum(map(len, segments)) and _DIGIT.search(value) is not None
