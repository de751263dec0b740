"""Private keys in their armour: the right headers and lengths around random bytes.

DER and OpenSSH framing are written so that what begins real keys begins these (MIIE…, b3BlbnNzaC1rZXktdjEA…).
"""

import base64
import textwrap

from tests.redaction.dice import Dice


def armoured(label: str, body: bytes, width: int = 64) -> tuple[str, tuple[str, ...]]:
    """Return the PEM text and the lines of its body."""
    lines = tuple(textwrap.wrap(base64.b64encode(body).decode(), width))
    dashes = "-" * 5
    begin, end = (f"{dashes}{word} {label}{dashes}" for word in ("BEGIN", "END"))
    return "\n".join([begin, *lines, end]), lines


def rsa(dice: Dice) -> tuple[str, tuple[str, ...]]:
    size = dice.pick([607, 1187])
    return armoured(
        "RSA PRIVATE " + "KEY", b"\x30\x82" + size.to_bytes(2) + b"\x02\x01\x00\x02\x82" + dice.randbytes(size)
    )


def pkcs8(dice: Dice) -> tuple[str, tuple[str, ...]]:
    head = bytes.fromhex("308204bd020100300d06092a864886f70d0101010500048204a7308204a30201000282010100")
    return armoured("PRIVATE " + "KEY", head + dice.randbytes(1180))


def ec(dice: Dice) -> tuple[str, tuple[str, ...]]:
    head, middle = bytes.fromhex("30770201010420"), bytes.fromhex("a00a06082a8648ce3d030107a14403420004")
    return armoured("EC PRIVATE " + "KEY", head + dice.randbytes(32) + middle + dice.randbytes(64))


def openssh(dice: Dice) -> tuple[str, tuple[str, ...]]:
    head = b"openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none\x00\x00\x00\x00\x00\x00\x00\x01"
    return armoured("OPENSSH PRIVATE " + "KEY", head + dice.randbytes(dice.pick([260, 1700])), 70)
