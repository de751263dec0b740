"""A JSON object whose members are taken out, replaced and added, all other bytes staying as they are."""

from typing import Any

from recorder.wire.jsontext import parse_json
from recorder.wire.slices import Member, elements, members, shadow


class Edited:
    """One object; `bytes_()` gives it as it has become."""

    def __init__(self, data: bytes) -> None:
        """Raise ValueError when `data` is no JSON object, or a key of it repeats."""
        self._data = data
        try:
            self._found = members(data, 0, len(data))
        except ValueError:
            self._found = members(shadow(data), 0, len(data))
        self._put: dict[str, bytes] = {}
        self._dropped: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._put or (key not in self._dropped and any(one.key == key for one in self._found))

    def names(self) -> list[str]:
        """Return the members' names, in order."""
        found = [one.key for one in self._found if one.key not in self._dropped]
        return found + [key for key in self._put if key not in found]

    def raw(self, key: str) -> bytes | None:
        """Return a member's JSON text; None when there is none."""
        if key in self._put:
            return self._put[key]
        member = next((one for one in self._found if one.key == key and key not in self._dropped), None)
        return None if member is None else self._data[member.value : member.end]

    def value(self, key: str) -> Any:
        """Return a member's value; None when there is none. Raises ValueError when it cannot be read."""
        raw = self.raw(key)
        return None if raw is None else parse_json(raw)

    def drop(self, key: str) -> None:
        """Take a member out."""
        self._put.pop(key, None)
        self._dropped.add(key)

    def put(self, key: str, raw: bytes) -> None:
        """Set a member, in its place or at the end."""
        self._put[key] = raw

    def bytes_(self) -> bytes:
        """Return the object."""
        if not self._put and not self._dropped:
            return self._data
        kept = [one for one in self._found if one.key in self._put or one.key not in self._dropped]
        new = [key for key in self._put if not any(one.key == key for one in self._found)]
        joined = [self._data[: self._found[0].start] if self._found else self._data[: self._data.index(b"{") + 1]]
        for number, member in enumerate(kept):
            joined += (self._before(member) if number else b"", self._member(member))
        for number, key in enumerate(new, len(kept)):
            joined.append((b"," if number else b"") + _quoted(key) + b":" + self._put[key])
        end = self._found[-1].end if self._found else self._data.index(b"{") + 1
        return b"".join((*joined, self._data[end:]))

    def _before(self, member: Member) -> bytes:
        """Return what stands between a member and the one before it."""
        at = self._found.index(member)
        return self._data[self._found[at - 1].end : member.start] if at else b","

    def _member(self, member: Member) -> bytes:
        if member.key not in self._put:
            return self._data[member.start : member.end]
        return self._data[member.start : member.value] + self._put[member.key]


def items(array: bytes) -> list[bytes]:
    """Return the elements of an array as they stand. Raises ValueError when `array` is none."""
    try:
        spans = elements(array, 0, len(array))
    except ValueError:
        spans = elements(shadow(array), 0, len(array))
    return [array[start:end] for start, end in spans]


def _quoted(key: str) -> bytes:
    return b'"' + key.encode() + b'"'
