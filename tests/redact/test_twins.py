from recorder.redact import Redactor
from recorder.redact.spans import Rank, Span
from recorder.redact.twins import MOST_VALUES, twins

VALUE = b"dipper-Pr121-Gg"


def span(value: bytes, rank: int = Rank.CONTEXT) -> Span:
    return Span(0, len(value), "password", value, rank)


def test_every_other_place_of_a_value_is_found() -> None:
    text = VALUE + b" once, " + VALUE + b" twice, x" + VALUE
    assert [(one.start, one.end) for one in twins(text, [span(VALUE)])] == [(22, 37), (46, 61)]


def test_words_images_and_long_lists_are_left_alone() -> None:
    assert list(twins(b"petclinic petclinic", [span(b"petclinic")])) == []
    assert list(twins(VALUE + VALUE, [span(VALUE, Rank.BULK)])) == []
    many = [span(b"dipper-Pr121-G%03d" % number) for number in range(MOST_VALUES + 1)]
    assert list(twins(b"dipper-Pr121-G001 dipper-Pr121-G001", many)) == []


def test_an_account_that_is_its_own_password(shared: Redactor) -> None:
    safe = shared.text(f"account {VALUE.decode()}\npassword: {VALUE.decode()}\n")
    assert VALUE.decode() not in safe.value
    assert [finding.count for finding in safe.findings] == [2]
