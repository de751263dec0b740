import random
import string

import pytest

from recorder.redact.generated import is_generated, is_hex_key, is_uuid

LOWER = string.ascii_lowercase + string.digits
MIXED = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    "value",
    [
        "x86_64-pc-windows-msvc",
        "vcmla_rot180_laneq_f16",
        "2026-03-01T10:00:00",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "getHTTPResponseHTMLJSON",
        "kubernetes_sqlalchemy_jsonschema",
        "gRPCKeepaliveTimeoutMS",
        "V1OAuth2CacheAdapter",
        "claude-sonnet-4-20250514",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "12345678901234567890",
        "8mcc284l",
    ],
)
def test_names_and_dates_are_not_generated(value: str) -> None:
    assert not is_generated(value.encode())


@pytest.mark.parametrize(
    ("alphabet", "size", "least"), [(LOWER, 24, 95), (LOWER, 40, 99), (MIXED, 20, 95), (MIXED, 40, 99)]
)
def test_nearly_every_random_value_is(alphabet: str, size: int, least: int) -> None:
    rng = random.Random(5)
    values = ["".join(rng.choices(alphabet, k=size)) for _ in range(1000)]
    assert sum(is_generated(value.encode()) for value in values) >= 10 * least


def test_hexadecimal_keys_and_uuids() -> None:
    assert is_hex_key(b"9f86d081884c7d659a2feaa0c55ad015")
    assert not is_hex_key(b"0" * 32)
    assert not is_hex_key(b"9F86d081884c7d659a2feaa0c55ad015")
    assert is_uuid(b"550e8400-e29b-41d4-a716-446655440000")
    assert not is_uuid(b"550e8400-e29b-41d4-a716")
