import random

import pytest

from recorder.redact.rules import structures
from recorder.redact.rules.base import RuleSet
from tests.redact.samples import URL_SAFE, body

RULES = RuleSet("structures", structures.RULES)
PASSWORD = "Tr0ub4dor" + "!x9"
OCTETS = body(random.Random(3), URL_SAFE, 43)

FLAGGED = [
    (f'{{"kty": "oct", "k": "{OCTETS}"}}', OCTETS),
    (f"{{'crv': 'P-256', 'd': '{OCTETS}', 'kty': 'EC'}}", OCTETS),
    (f'"d": "{OCTETS}"', OCTETS),
    (f"CREATE USER 'ada'@'%' IDENTIFIED BY '{PASSWORD}';", PASSWORD),
    (f"alter user ada identified with mysql_native_password by '{PASSWORD}'", PASSWORD),
    ("ALTER USER ada IDENTIFIED WITH 'x' AS '*92FD05ADCA2E';", "*92FD05ADCA2E"),
    (f"CREATE USER ada IDENTIFIED BY {PASSWORD};", PASSWORD),
    (f"CREATE ROLE ada WITH LOGIN PASSWORD '{PASSWORD}'", PASSWORD),
    ("https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/42", "0123456789abcdef0123456789abcdef"),
    (
        '"typeUrl": "type.googleapis.com/google.crypto.tink.AesGcmKey", "value": "GiBWyUfGgYk3RTRhj1LqLA=="',
        "GiBWyUfGgYk3RTRhj1LqLA==",
    ),
    (f"SET PASSWORD FOR 'ada'@'%' = PASSWORD('{PASSWORD}')", PASSWORD),
]

NEAR_MISSES = [
    f'{{"id": "{OCTETS}"}}',
    '{"d": "M10 20 30 40"}',
    f'{{"kty": "EC", "x": "{OCTETS}"}}',
    "Backup vaults are identified by names that are unique",
    "the compiler is now identified as ``IntelLLVM``",
    "CREATE USER ada IDENTIFIED BY '{{ password }}'",
    "ALTER USER ada IDENTIFIED BY 'password'",
    "return a dynamic library identified by 'name'",
    '"typeUrl": "type.googleapis.com/google.crypto.tink.EcdsaPublicKey", "value": "GiBWyUfGgYk3RTRhj1LqLA=="',
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_flags_the_value(payload: str, secret: str) -> None:
    assert secret.encode() in {span.value for span in RULES.find(payload.encode())}


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []
