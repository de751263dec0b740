import pytest

from recorder.redact import guards


@pytest.mark.parametrize("value", ["Ember@57", "velvet-coral-37", "CherryIsland78", "PoD1zCPU", "tree%House&Lake"])
def test_made_up_passwords(value: str) -> None:
    assert guards.is_made_up(value.encode())


@pytest.mark.parametrize(
    "value",
    [
        "Utf8PathBuf",
        "SHA-256",
        "v1.2.3",
        "v1.19.16/go.mod",
        "gateway:9091",
        "12ms",
        "b64Pwd",
        "case-sensitive",
        "call(x1)",
        "https://e1.org",
        "$PASSWORD1",
        "Ab1",
    ],
)
def test_names_versions_and_addresses_are_not_made_up(value: str) -> None:
    assert not guards.is_made_up(value.encode())


def test_a_key_in_base64_is_told_from_a_path() -> None:
    assert guards.is_key(b"k3Jd9sLq/Zx81mQw7vTn+PbR4yHcU2eGfA6oI0tXwKs=")
    assert not guards.is_key(b"Users/ada2/Projects/Recorder1/tests/Redact/rules")
    assert not guards.is_key(b"da39a3ee5e6b4b0d3255bfef95601890afd80709")


@pytest.mark.parametrize(("value", "jumbled"), [("bXlwYXNzd29yZA", True), ("apiKeyHelper", False), ("bXlw", False)])
def test_letters_that_change_their_case_too_often(value: str, *, jumbled: bool) -> None:
    assert guards.is_jumbled(value.encode()) is jumbled


@pytest.mark.parametrize("value", ["i+1}}return", "A?y:void", "a&&b1", "x=>x1", "other.name2"])
def test_expressions(value: str) -> None:
    assert guards.is_expression(value.encode())


@pytest.mark.parametrize(("value", "attribute"), [("base64.decodebytes", True), ("eyJhbGciOi.eyJzdWIi.x1", False)])
def test_attributes(value: str, *, attribute: bool) -> None:
    assert guards.is_attribute(value.encode()) is attribute


@pytest.mark.parametrize(
    ("before", "inside"),
    [
        ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:", True),
        ('"ARN": "aws:arn:secretsmanager:eu-west-1:123456789012:secret:', True),
        ("arn:aws-us-gov:ssm:us-gov-east-1:123456789012:parameter/prod/", True),
        ("arn:aws:iam::123456789012:role/Admin password:", False),
        ("barn:aws:secret:", False),
        ("secret:", False),
    ],
)
def test_what_stands_in_the_address_of_a_resource(before: str, *, inside: bool) -> None:
    text = f"{before}MyDatabase-a1b2c3"
    assert guards.is_in_arn(text.encode(), len(before)) is inside
