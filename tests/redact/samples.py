"""Made-up secrets of real shape, put together at run time so that no scanner trips over this repository."""

import base64
import json
import random
import string
from collections.abc import Callable

ALNUM = string.ascii_letters + string.digits
URL_SAFE = ALNUM + "-_"
BASE64 = ALNUM + "+/"
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"

type Make = Callable[[random.Random], str]


def body(rng: random.Random, alphabet: str, size: int) -> str:
    # A fixed head keeps the sample from being a placeholder by bad luck.
    head = "".join(char for char in "Q7z4b2K" if char in alphabet)[:3]
    return head + "".join(rng.choice(alphabet) for _ in range(size - 3))


def prefixed(prefix: str, alphabet: str, size: int, suffix: str = "") -> Make:
    return lambda rng: prefix + body(rng, alphabet, size) + suffix


def jwt(rng: random.Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return ".".join((part({"alg": "HS256"}), part({"sub": body(rng, ALNUM, 9)}), body(rng, URL_SAFE, 43)))


def pem(label: str) -> Make:
    def make(rng: random.Random) -> str:
        lines = "\n".join(body(rng, BASE64, 64) for _ in range(6))
        return f"-----BEGIN {label}PRIVATE " + f"KEY-----\n{lines}\n-----END {label}PRIVATE " + "KEY-----"

    return make


FORMATS: dict[str, Make] = {
    "anthropic-api-key": prefixed("sk-ant-" + "api03-", URL_SAFE, 93, "AA"),
    "anthropic-oauth-access": prefixed("sk-ant-" + "oat01-", URL_SAFE, 93, "AA"),
    "anthropic-oauth-refresh": prefixed("sk-ant-" + "ort01-", URL_SAFE, 93, "AA"),
    "anthropic-admin-key": prefixed("sk-ant-" + "admin01-", URL_SAFE, 93, "AA"),
    "openrouter-api-key": prefixed("sk-or-" + "v1-", HEX, 64),
    "openai-api-key": prefixed("sk-" + "proj-", ALNUM, 60),
    "sk-key": prefixed("sk" + "-", ALNUM, 22),
    "groq-api-key": prefixed("gsk" + "_", ALNUM, 52),
    "xai-api-key": prefixed("xai" + "-", ALNUM, 80),
    "perplexity-api-key": prefixed("pplx" + "-", ALNUM, 48),
    "google-api-key": prefixed("AI" + "za", URL_SAFE, 34, "x"),
    "aws-access-key-id": prefixed("AK" + "IA", UPPER, 16),
    "aws-session-token": prefixed("IQoJb3Jp" + "Z2lu", BASE64, 300),
    "bedrock-api-key": prefixed("AB" + "SK", BASE64, 128, "="),
    "google-oauth-token": prefixed("ya" + "29.", ALNUM, 160),
    "google-client-secret": prefixed("GOC" + "SPX-", URL_SAFE, 28),
    "azure-client-secret": prefixed("abc8" + "Q~", ALNUM, 34),
    "github-pat": prefixed("gh" + "p_", ALNUM, 36),
    "gitlab-token": prefixed("gl" + "pat-", ALNUM, 20),
    "slack-token": prefixed("xo" + "xb-123456789012-", ALNUM, 24),
    "stripe-key": prefixed("sk_" + "live_", ALNUM, 24),
    "npm-token": prefixed("np" + "m_", ALNUM, 36),
    "pypi-token": prefixed("py" + "pi-AgEIcHlwaS5vcmc", URL_SAFE, 100),
    "huggingface-token": prefixed("h" + "f_", string.ascii_letters, 34),
    "sendgrid-api-key": lambda rng: "S" + f"G.{body(rng, URL_SAFE, 22)}.{body(rng, URL_SAFE, 43)}",
    "telegram-bot-token": lambda rng: f"1234567890:A{body(rng, URL_SAFE, 34)}",
    "recorder-key": prefixed("rc" + "dr-", URL_SAFE, 43),
    "jwt": jwt,
    "private-key": pem("RSA "),
}
"""Kind → a maker of a secret that is found wherever it stands."""


def make(kind: str, seed: int = 1) -> str:
    return FORMATS[kind](random.Random(f"{kind}{seed}"))


def leaks(secret: str, output: str) -> bool:
    """Say whether any run of 8 characters of the secret survives; a private key's armour is no secret."""
    lines = [line for line in secret.splitlines() if not line.startswith("-----")]
    return any(line[at : at + 8] in output for line in lines for at in range(len(line) - 7))
