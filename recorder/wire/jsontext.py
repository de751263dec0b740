"""JSON as it occurs on the wire, lone surrogates included.

JavaScript cuts strings between UTF-16 code units, so that an event or a tool's output may hold half a character
(`"\\ud83d"`). RFC 8259 section 8.2 allows that; msgspec, which is fast, refuses it; the standard library reads it.
"""

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def parse_json(data: bytes | str) -> Any:
    """Return the value of a JSON text; raise ValueError for what is none, is nested too deeply or not UTF-8."""
    try:
        return _decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _parse_slowly(data)


def _parse_slowly(data: bytes | str) -> Any:
    text = data if isinstance(data, str) else data.decode()
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("JSON is nested too deeply") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("number out of range")
    return number


def render_json(value: Any) -> bytes:
    """Return compact JSON for what `parse_json` returned (`msgspec.Raw` inside is copied as it is)."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), default=_unwrap).encode()


def _unwrap(value: object) -> Any:
    if isinstance(value, msgspec.Raw):
        return json.loads(bytes(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def join_text(pieces: Iterable[str]) -> str:
    """Return the pieces as one string, the halves of a character that was split between two of them made whole."""
    text = "".join(pieces)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text
