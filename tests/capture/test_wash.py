import msgspec
import pytest

from recorder.capture.wash import Wash
from recorder.model import Credential, Iteration, Usage
from recorder.redact import Redactor
from tests.support.redactors import fresh

SECRET = "Tr0ub4dor" + "-and-three"


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return fresh()


@pytest.fixture
def wash(redactor: Redactor) -> Wash:
    return Wash(redactor, b"m" * 32)


def usage(**raw: object) -> Usage:
    return Usage(input_tokens=7, output_tokens=12345, service_tier="standard", raw={"input_tokens": 7, **raw})


def test_usage_without_secrets_stays_whatever_its_numbers(wash: Wash) -> None:
    first, second = (
        usage(),
        msgspec.structs.replace(usage(), output_tokens=3, iterations=(Iteration(type="x", usage=usage()),)),
    )
    assert wash.usage(first) == first
    assert wash.usage(first) == first
    assert wash.usage(second) == second
    assert wash.usage(None) is None


@pytest.mark.parametrize(
    "raw", [{"note": SECRET}, {SECRET: 1}, {"deep": [{"note": f"it is {SECRET}"}, 1.5]}, {"n": 1, "note": SECRET}]
)
def test_a_secret_in_usage_goes_also_when_usage_of_that_shape_was_clean(
    wash: Wash, redactor: Redactor, raw: dict[str, object]
) -> None:
    wash.usage(usage(**raw))
    redactor.learn(Credential("password", SECRET))
    safe = wash.usage(usage(**raw))
    assert safe
    assert SECRET.encode() not in msgspec.json.encode(safe)
    assert safe.output_tokens == 12345


def test_a_piece_that_was_clean_is_looked_at_again_when_a_secret_was_learned(wash: Wash, redactor: Redactor) -> None:
    value = "M4ple" + "-and-seven"
    piece = b',"cache_control":{"type":"%b"}' % value.encode()
    assert [wash.json(piece) for _ in range(3)] == [piece] * 3
    redactor.learn(Credential("password", value))
    assert value.encode() not in wash.json(piece)
    assert value.encode() not in wash.json(piece)
