"""Secrets get the names that they have elsewhere, by kind and order."""

import pytest

from recorder.again.names import named_alike

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def placed(*named: tuple[str, str]) -> bytes:
    return " ".join(f"[REDACTED:{kind}:{name}]" for kind, name in named).encode()


@pytest.mark.parametrize(
    ("body", "recorded", "expected"),
    [
        (placed(("p", A), ("p", B), ("p", A)), placed(("p", C), ("p", A)), [("p", C), ("p", A), ("p", C)]),
        (placed(("key", A), ("pat", A)), placed(("pat", B), ("key", C)), [("key", C), ("pat", B)]),
        (placed(("pat", A), ("pat", B)), placed(("pat", C)), [("pat", C), ("pat", B)]),
        (placed(("pat", A)), b"", [("pat", A)]),
    ],
    ids=["in their order", "each kind by itself", "more than there were", "none"],
)  # fmt: skip
def test_names(body: bytes, recorded: bytes, expected: list[tuple[str, str]]) -> None:
    assert named_alike(body, recorded) == placed(*expected)


def test_one_without_a_name_stays() -> None:
    assert named_alike(b"[REDACTED:password] x", placed(("password", A))) == b"[REDACTED:password] x"
