"""Which version of the detectors this is: better ones look at what is stored again."""

import hashlib
import hmac
from functools import cache
from importlib.metadata import version
from pathlib import Path

import recorder.redact

_ENGINES = ("kingfisher-secret-scanner", "google-re2")


def detectors_version(key: bytes, settings: bytes = b"") -> str:
    """Return 32 hex digits that differ when the detectors' code, the engines or their settings do.

    Keyed, because `settings` may hold values that nobody without the key shall be able to guess.
    """
    return hmac.digest(key, _code() + settings, "sha256").hex()[:32]


@cache
def _code() -> bytes:
    folder = Path(recorder.redact.__file__).parent
    seen = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        seen.update(b"%s\0%s\0" % (path.relative_to(folder).as_posix().encode(), path.read_bytes()))
    for engine in _ENGINES:
        seen.update(f"{engine} {version(engine)}\0".encode())
    return seen.digest()
