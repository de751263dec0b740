"""Made-up secrets, assembled at run time so that no scanner finds one in this repository."""

import hashlib
import string
from zlib import crc32

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def made_up_api_key(label: str) -> str:
    """Make an API key in Anthropic's form, 108 characters; the same for the same label."""
    return "sk-ant-" + "api03-" + _letters(label, 93) + "AA"


def made_up_github_token(label: str) -> str:
    """Make a GitHub token whose checksum is right (base62 of the CRC-32 of its 30 characters, six digits)."""
    entropy = _letters(label, 30)
    number, digits = crc32(entropy.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return "gh" + "p_" + entropy + digits


def _letters(label: str, count: int) -> str:
    digest = hashlib.shake_256(label.encode()).digest(count)
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest)
