import pytest

from recorder.redact.rules.pattern import Pattern, uncaptured

KEY = Pattern(r"key=(?:\"([^\"]{4,})\"|([^\s\"]{4,}))")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key=abcd efgh", "abcd"),
        ('key="ab cd" x', "ab cd"),
        ("key=" + "a" * 9000 + " b", "a" * 9000),
        ('key="' + "a b" * 9000 + '" b', "a b" * 9000),
        ("key=" + "a" * 5000, "a" * 5000),
    ],
)
def test_tells_the_group_that_took_part(text: str, secret: str) -> None:
    assert KEY.search(text.encode(), 0, len(text)) == 0
    found = KEY.match(text.encode(), 0)
    assert found is not None
    begin, end, last = found
    assert text[begin:end] == secret
    assert last >= end


def test_tells_nothing_where_only_the_first_bytes_match() -> None:
    closed = Pattern(r"k=([a-z]{4,})(?:[^a-z(]|$)")
    assert closed.match(b"k=" + b"a" * 9000 + b"(", 0) is None
    assert closed.match(b"k=" + b"a" * 9000 + b" ", 0) == (2, 9002, 9003)


def test_makes_groups_plain_ones_but_not_in_classes() -> None:
    assert uncaptured(r"(a)[(](?:b)\((c)") == r"(?:a)[(](?:b)\((?:c)"
