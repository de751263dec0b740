import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.redact.literals import Literals
from recorder.redact.spans import Span

GRAMMAR = re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?', re.DOTALL)


def at(literals: Literals, needle: bytes) -> Span:
    start = literals.text.index(needle)
    return Span(start, start + len(needle), "k", needle, 1)


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers() | st.none(), max_size=5), st.booleans()
)
def test_the_buffer_holds_every_string_as_it_reads(value: dict[str, object], ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    literals = Literals(raw)
    for text in [*value, *(one for one in value.values() if isinstance(one, str))]:
        assert b'"' + text.encode("utf-8", "surrogatepass") + b'"' in literals.text


@pytest.mark.parametrize(
    ("raw", "needle", "expected"),
    [
        (rb'{"a":"x SECRET y"}', b"SECRET", rb"SECRET"),
        (rb'{"a":"x\nSECRET\"y"}', b"SECRET", rb"SECRET"),
        (rb'{"a":"x\n\u0053ECRE\u0054 y"}', b"SECRET", rb"\u0053ECRE\u0054"),
        (rb'{"a":"SEC\"RET"}', b'SEC"RET', rb"SEC\"RET"),
        (rb'["\\","SECRET"]', b"SECRET", rb"SECRET"),
        (rb'{"SE\u0043RET":1}', b"SECRET", rb"SE\u0043RET"),
        (rb'"cut \"SECRET', b"SECRET", rb"SECRET"),
        (rb'"cut SECRET\"', b'SECRET"', rb"SECRET\""),
        (rb'"lone \ud800 SECRET', b"SECRET", rb"SECRET"),
    ],
)
def test_a_span_maps_to_whole_escapes(raw: bytes, needle: bytes, expected: bytes) -> None:
    literals = Literals(raw)
    (span,) = literals.locate(at(literals, needle))
    assert raw[span.start : span.end] == expected


def test_a_span_over_two_literals_is_clipped_to_their_contents() -> None:
    raw = rb'{"SEC":"R\u0045T","b":1}'
    literals = Literals(raw)
    spans = literals.locate(at(literals, b'SEC":"RET'))
    assert [raw[span.start : span.end] for span in spans] == [b"SEC", rb"R\u0045T"]
    assert literals.locate(at(literals, b'":"')) == []


def test_literals_are_found_by_their_quote() -> None:
    literals = Literals(rb'{"a\n":"b"}')
    literal = literals.opened_at(literals.text.index(b'"b"'))
    assert literal is not None
    assert literals.text[literal.at : literal.until] == b"b"
    assert literals.opened_at(literals.text.index(b"b")) is None


def test_hostile_quotes_are_lexed_in_linear_time() -> None:
    raw = b'"' + b'\\"' * 300_000
    assert len(Literals(raw).text) == 300_001


def test_literals_are_those_of_the_grammar_in_whatever_text() -> None:
    rng = random.Random(6)
    pieces = [b'"', b"\\", b'\\"', b"\\\\", b"a", b"\n", b":", b"{", b'"b"', b'"\\n"']
    for _ in range(5000):
        raw = b"".join(rng.choices(pieces, k=rng.randrange(12)))
        literals = Literals(raw)
        found = [(one.start, one.end) for one in literals.all()]
        assert found == [match.span(1) for match in GRAMMAR.finditer(raw)], raw
        inside = {at for start, end in found for at in range(start, end + 1)}
        assert [at for at in range(len(raw)) if literals.holds(at)] == sorted(inside & set(range(len(raw)))), raw
