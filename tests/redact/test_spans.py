from recorder.redact.spans import Rank, Span, merge


def span(start: int, end: int, rank: Rank, kind: str = "k") -> Span:
    return Span(start, end, kind, b"v" * (end - start), rank)


def test_the_union_goes_under_the_name_of_the_surest() -> None:
    merged = merge([span(5, 30, Rank.CONTEXT, "secret"), span(10, 20, Rank.FORMAT, "github-pat")])
    assert [(one.start, one.end, one.kind, len(one.value)) for one in merged] == [(5, 30, "github-pat", 10)]


def test_neighbours_stay_apart_and_empty_spans_go() -> None:
    merged = merge([span(10, 20, Rank.ENGINE), span(0, 10, Rank.ENGINE), span(15, 15, Rank.KNOWN)])
    assert [(one.start, one.end) for one in merged] == [(0, 10), (10, 20)]


def test_a_chain_of_overlaps_is_one() -> None:
    merged = merge([span(0, 10, Rank.ENGINE), span(8, 14, Rank.ENGINE), span(13, 20, Rank.ENGINE)])
    assert [(one.start, one.end) for one in merged] == [(0, 20)]
