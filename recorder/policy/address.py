"""Names that a client may call a listener on the loopback by."""

import ipaddress
import re

_AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^:@/\s]+))(?::\d{1,5})?")


def parse_authority(text: str) -> str | None:
    """Return the name in a `Host` header, in lower case, without port and final dot; None for what is none."""
    match = _AUTHORITY.fullmatch(text.strip())
    if match is None:
        return None
    return (match["six"] or match["name"]).lower().removesuffix(".")


def is_loopback_name(name: str) -> bool:
    """Say whether a name is this machine's own wherever it is looked up: RFC 6761, section 6.3."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
