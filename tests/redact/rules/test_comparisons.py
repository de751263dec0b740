import pytest

from recorder.redact.rules import comparisons
from recorder.redact.rules.base import RuleSet

RULES = RuleSet("comparisons", comparisons.RULES)
PASSWORD = "Tr0ub4dor" + "!x9"
TOKEN = "9f3kQ7zLm2" + "Xw8RtY5b"
HEX = "f62e5bcda4fae4f82370" + "da0c6f20697b8f8447ef"

FLAGGED = [
    ('if ("%s".equals(password)) {', PASSWORD),
    ('if "%s" == password {', HEX),
    ('if (pwd.equals("%s"))', PASSWORD),
    ('expect(user.apiToken).toBe("%s")', TOKEN),
    ("if ('%s' !== user.apiToken)", TOKEN),
    ('user, password = "ada", "%s"', PASSWORD),
    ('const name, apiToken string = "ada", "%s"', TOKEN),
    ('nothing, secret, other = 1, "%s", 2', TOKEN),
    ('API_TOKEN = os.getenv("TOKEN", "%s")', TOKEN),
    ('if SECRET := getenv("CEKPET", "%s"):', "GEHEIM" + "N1S"),
    ('jwt.sign(payload, "%s")', "sunshine"),
    ("crypto.createHmac('sha256', '%s')", PASSWORD),
    ('new SecretKeySpec("%s".getBytes(), "AES")', TOKEN),
    ("CryptoJS.AES.encrypt(text, '%s')", HEX),
]

NEAR_MISSES = [
    'if ("password".equals(passwordType)) {',
    'if "required" == password_policy {',
    'user, password = "ada", "string"',
    "jwt.verify(token, 'utf-8')",
    "crypto.createHmac('sha256', 'base64')",
    'API_TOKEN = os.getenv("TOKEN", "none")',
    'max_tokens = os.getenv("MAX_TOKENS", "4096")',
]


@pytest.mark.parametrize(("frame", "secret"), FLAGGED)
def test_flags_the_value(frame: str, secret: str) -> None:
    assert [span.value.decode() for span in RULES.find((frame % secret).encode())] == [secret]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []
