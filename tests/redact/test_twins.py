from recorder.redact import Redactor
from recorder.redact.spans import Rank, Span
from recorder.redact.twins import MOST_VALUES, twins

VALUE = b"dipper-Pr121-Gg"


def span(value: bytes, rank: int = Rank.CONTEXT) -> Span:
    return Span(0, len(value), "password", value, rank)


def test_every_other_place_of_a_value_is_found() -> None:
    text = VALUE + b" once, " + VALUE + b" twice, x" + VALUE
    assert [(one.start, one.end) for one in twins(text, [span(VALUE)])] == [(22, 37), (46, 61)]


def test_many_values_are_found_together() -> None:
    values = [b"dipper-Pr%03d-Gg" % number for number in range(100)]
    text = b" ".join([*values, *values])
    assert len(list(twins(text, [span(value) for value in values]))) == 199  # the first place of the first is its own


def test_words_images_and_long_lists_are_left_alone() -> None:
    assert list(twins(b"petclinic petclinic", [span(b"petclinic")])) == []
    assert list(twins(VALUE + VALUE, [span(VALUE, Rank.BULK)])) == []
    many = [span(b"dipper-Pr121-G%03d" % number) for number in range(MOST_VALUES + 1)]
    assert list(twins(b"dipper-Pr121-G001 dipper-Pr121-G001", many)) == []


def test_an_account_that_is_its_own_password(shared: Redactor) -> None:
    safe = shared.text(f"account {VALUE.decode()}\npassword: {VALUE.decode()}\n")
    assert VALUE.decode() not in safe.value
    assert [finding.count for finding in safe.findings] == [2]


def test_the_name_of_a_resource_stays_in_its_address(shared: Redactor) -> None:
    address = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{VALUE.decode()}"
    safe = shared.text(f"password: {VALUE.decode()}\nARN: {address}\nagain {VALUE.decode()}\n")
    assert address in safe.value
    assert safe.value.count(VALUE.decode()) == 1


def test_an_address_with_its_first_words_the_other_way_round(shared: Redactor) -> None:
    good, odd = (
        f'"ARN": "{one}:secretsmanager:us-west-2:123456789012:secret:MyTestDatabaseSecret-a1b2c3"'
        for one in ("arn:aws", "aws:arn")
    )
    text = f"{good}\n{odd}\n{good}\n"
    assert shared.text(text).value == text
