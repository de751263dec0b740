import pytest

from recorder.errors import StoreError
from recorder.store.search_query import parse_query


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("retry budget", '"retry" AND "budget"'),
        ('"out of memory" heap', '"out of memory" AND "heap"'),
        ('"not closed', '"not closed"'),
        ("budg*", '"budg" *'),
        ("total -test", '("total") NOT ("test")'),
        ('total -test -"a b"', '("total") NOT ("test" OR "a b")'),
        ("foo.bar()", '"foo bar"'),
        ("snake_case Größe", '"snake_case" AND "große"'),
        ("NEAR(a b) OR", '"near a" AND "b" AND "or"'),
        ("a:b {c} ^d", '"a b" AND "c" AND "d"'),
    ],
)
def test_what_is_typed_never_reaches_fts_as_syntax(typed, match):
    assert parse_query(typed).match == match


@pytest.mark.parametrize("typed", ["", "   ", "-only", '""', "*", "--", "..."])
def test_nothing_to_find_is_said(typed):
    with pytest.raises(StoreError, match="names no word"):
        parse_query(typed)


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    [
        ("total", "The total, totals", ["total"]),
        ("TOTAL", "Tötal", ["Tötal"]),
        ("tot*", "total to", ["total"]),
        ('"a b"', "a b, a-b; b a b", ["a b", "a-b", "a b"]),
        ("x", "nothing", []),
    ],
)
def test_spots_are_where_it_stands(typed, text, found):
    assert [text[start:end] for start, end in parse_query(typed).spots(text)] == found
