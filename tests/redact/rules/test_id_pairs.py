"""Ids that go with their secret, and secrets that are known by the id beside them."""

import random

import pytest

from recorder.redact.rules import clouds
from recorder.redact.rules.base import RuleSet
from tests.redact.samples import ALNUM, body

RNG = random.Random(23)
RULES = RuleSet("pairs", clouds.PAIRED_RULES)
CLIENT = "1234567890-" + "ab3d" * 8 + ".apps.googleusercontent.com"
SECRET = body(RNG, ALNUM, 24)
ALIBABA_ID, ALIBABA = "LT" + "AI" + body(RNG, ALNUM, 20), body(RNG, ALNUM, 30)


@pytest.mark.parametrize(
    "payload",
    [
        f'"client_id": "{CLIENT}", "client_secret": "{SECRET}"',
        f"{CLIENT}\n\n{SECRET}\n",
        f"{CLIENT} {'GOC' + 'SPX-' + SECRET}",
    ],
)
def test_a_google_client_goes_with_its_secret(payload: str) -> None:
    assert ("google-client-id", CLIENT.encode()) in [(span.kind, span.value) for span in RULES.find(payload.encode())]


@pytest.mark.parametrize("between", [", ", "\n", " / ", '", "secret": "'])
def test_an_alibaba_secret_is_known_by_its_id(between: str) -> None:
    found = RULES.find(f"f({ALIBABA_ID}{between}{ALIBABA})".encode())
    assert [(span.kind, span.value) for span in found] == [("alibaba-secret-key", ALIBABA.encode())]


@pytest.mark.parametrize(
    "payload",
    [
        f'const CLIENT_ID = "{CLIENT}";',
        f"{CLIENT} thisIsANameOfAFunction00",
        f"f({ALIBABA_ID})",
        f"{ALIBABA_ID} thisIsANameOfAnotherFunction30",
        f"f({ALIBABA})",
    ],
)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []
