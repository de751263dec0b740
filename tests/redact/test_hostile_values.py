"""No pattern of Python's `re` in the room can be made to try for ever: each sees what a text's writer chose."""

# ruff: noqa: T201 -- what it prints names the pattern that does not come to an end

import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator

import recorder.redact

MOST_SECONDS = 120
"""All of them take two; one with two ways to read each word of a text would not be done today."""
FRAGMENTS = (
    *b"a A 1 ab Ab aA a1 A1 -a _a .a /a =a a- ab_ Ab1 AA a:a (a a) [a] {a} <a a, 1.1 = aaB Aaa1".split(),
    *(b"x-amz-signature=", b" a", b" ", b"\n", b"\\n", b'"', b'"a', b'a"', b"'a'"),
)
ENDS = (b"", b"!", b"\x01", b'"', b"(", b"1!", b"a\x01")
SIZE = 200


def patterns() -> Iterator[tuple[str, re.Pattern[bytes]]]:
    for found in pkgutil.walk_packages(recorder.redact.__path__, "recorder.redact."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            several = value if isinstance(value, tuple | list) else (value,)
            yield from (
                (f"{found.name}.{name}", one)
                for one in several
                if isinstance(one, re.Pattern) and isinstance(one.pattern, bytes)
            )


def main() -> None:
    for name, pattern in patterns():
        print(name, flush=True)
        for fragment in FRAGMENTS:
            for end in ENDS:
                value = (fragment * (SIZE // len(fragment) + 1))[:SIZE] + end
                pattern.fullmatch(value)
                pattern.search(value)
    print("done")


def test_no_value_makes_a_pattern_try_for_ever() -> None:
    command = [sys.executable, "-m", __name__]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired as error:
        said = (error.stdout or b"").decode().splitlines()
        raise AssertionError(f"{said[-1] if said else 'nothing'} did not come to an end") from None
    names = result.stdout.splitlines()
    assert names[-1] == "done"
    assert len(names) > 100


if __name__ == "__main__":
    main()
