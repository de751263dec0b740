"""Reads values out of TOML tables, and says precisely which one is wrong."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

type Place = tuple[str | int, ...]
"""Where a value stands: `("route", 2, "when", "model")`; routes are counted from 1."""


class PolicyError(ValueError):
    """A value of the configuration that cannot be: where it stands, and why."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{name_of(place)}: {reason}")
        self.place = place
        self.reason = reason


def name_of(place: Place) -> str:
    """Return a place as a person would write it: `route 2, when.model`."""
    first, *rest = place
    if not rest:
        return f"[{first}]"
    head = f"[[{first}]] number {rest[0]}" if isinstance(rest[0], int) else f"[{first}.{rest[0]}]"
    tail = ".".join(map(str, rest[1:]))
    return f"{head} {tail}" if tail else head


class Table:
    """A table whose keys are known beforehand."""

    def __init__(self, value: Any, place: Place, known: Collection[str]) -> None:
        """Raise PolicyError for what is no table, and for a key that is not known, with the nearest that is."""
        self.place = place
        self._values = as_table(value, place)
        for name in self._values:
            if name not in known:
                raise PolicyError((*place, name), f"unknown setting; {nearest(name, known)}")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def error(self, name: str, reason: str) -> PolicyError:
        """Make an error about one key."""
        return PolicyError((*self.place, name), reason)

    def raw(self, name: str) -> Any:
        """Return a value as it stands; None when there is none."""
        return self._values.get(name)

    def text(self, name: str) -> str | None:
        """Return a text that is not empty; None when the key is not there."""
        value = self._values.get(name)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        raise self.error(name, f"{value!r} is not a text")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return one text or a list of them; nothing when the key is not there."""
        value = self._values.get(name, ())
        found = (value,) if isinstance(value, str) else value
        if not isinstance(found, list | tuple) or not all(isinstance(one, str) and one for one in found):
            raise self.error(name, f"{value!r} is neither a text nor a list of texts")
        if name in self._values and not found:
            raise self.error(name, "an empty list matches nothing; leave it out or name something")
        return tuple(found)

    def seconds(self, name: str) -> float | None:
        """Return a number of seconds above 0; None when the key is not there."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 86_400:
            raise self.error(name, f"{value!r} is not a number of seconds above 0 and up to 86400")
        return float(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise self.error(name, f"{value!r} is neither true nor false")
        return value

    def amount(self, name: str, *, most: Decimal, is_whole: bool) -> Decimal | None:
        """Return an exact number above 0; None when the key is not there."""
        value = self._values.get(name)
        if value is None:
            return None
        kind = "a whole number" if is_whole else "a number, or a text that is one,"
        allowed = (int,) if is_whole else (int, float, str)
        try:
            # A float is meant as it was written: 0.1 is a tenth.
            amount = Decimal(str(value)) if isinstance(value, allowed) and not isinstance(value, bool) else Decimal(0)
        except InvalidOperation:
            amount = Decimal(0)
        if not (amount.is_finite() and 0 < amount <= most):
            raise self.error(name, f"{value!r} is not {kind} above 0 and up to {most:,f}")
        return amount

    def pairs(self, name: str) -> Iterator[tuple[str, str]]:
        """Give the members of a table of texts."""
        for key, value in as_table(self._values.get(name, {}), (*self.place, name)).items():
            if not isinstance(value, str) or not value:
                raise PolicyError((*self.place, name, key), f"{value!r} is not a text")
            yield key, value


def parse_array[T](kind: str, value: Any, known: Collection[str], parse: Callable[[Table], T]) -> tuple[T, ...]:
    """Return what an array of tables holds, in its order. Raises PolicyError."""
    if not isinstance(value, list):
        raise PolicyError((kind,), f"write [[{kind}]], with two brackets: there can be several")
    return tuple(parse(Table(table, (kind, number), known)) for number, table in enumerate(value, 1))


def refuse_twice(kind: str, names: Sequence[str]) -> None:
    """Raise PolicyError for a name that an earlier one of the array has."""
    if twice := next((number for number, name in enumerate(names, 1) if name in names[: number - 1]), None):
        raise PolicyError((kind, twice, "name"), f"{names[twice - 1]!r} is the name of an earlier {kind} as well")


def as_table(value: Any, place: Place) -> Mapping[str, Any]:
    """Return a table. Raises PolicyError for anything else."""
    if not isinstance(value, Mapping):
        raise PolicyError(place, f"{value!r} is not a table")
    return value


def nearest(name: str, known: Collection[str]) -> str:
    """Return a hint for a name that is not known."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known) or 'none'}"
