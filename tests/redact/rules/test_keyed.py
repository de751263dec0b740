import random

import pytest

from recorder.redact.rules import keyed
from recorder.redact.rules.base import RuleSet
from recorder.redact.rules.vendors import VendorDetector
from tests.redact.samples import ALNUM, HEX, body

RULES = [RuleSet("keyed", keyed.RULES), VendorDetector()]
RNG = random.Random(11)
RANDOM = body(RNG, ALNUM, 32)
LOWER = "8mcc284l3i4sph5a3mgfq7"
DIGITS = body(RNG, HEX, 40)
UUID = "7b15f7f8-52a8-849d-384e-20b4c0de82dd"

FLAGGED = [
    (f'chartmogul_key: "{RANDOM}"', RANDOM),
    (f'appKey := "{LOWER}"', LOWER),
    (f"Calling the api\nUsing Key={DIGITS}", DIGITS),
    (f"key - '{LOWER}'", LOWER),
    (f"your secret key is {DIGITS}, keep it", DIGITS),
    (f"acme_key = {UUID}", UUID),
    (f'my_api = "{RANDOM}"', RANDOM),
    (f"SECRET KEY: {LOWER}", LOWER),
    (f"GET https://api.example.org/v1/user?key={DIGITS}", DIGITS),
    (f"https://api.example.org/v1?page=2&appid={UUID}", UUID),
    (f"I am using token {RANDOM} for it", RANDOM),
    (f'credential("{RANDOM}")', RANDOM),
    (f"mailgun '{RANDOM}'", RANDOM),
    (f"Here's the token to test the API with: {RANDOM}", RANDOM),
    (f"Please use the following password to proceed:\n\n{DIGITS}\n", DIGITS),
    ("PresharedKey = uRsfsZ2Ts1rach4Zv3hhwcx6wa5fuIo2u3w7sa+7j81=", "uRsfsZ2Ts1rach4Zv3hhwcx6wa5fuIo2u3w7sa+7j81="),
    (f"mixpanel {RANDOM} x", RANDOM),
    (f"Using Key=q5przi0tmp6:kl0qg:{RANDOM}", f"q5przi0tmp6:kl0qg:{RANDOM}"),
    (f'acme_key: "{RANDOM}/p-nlQ/cy_/AhX/{LOWER}"', f"{RANDOM}/p-nlQ/cy_/AhX/{LOWER}"),
    (f"cloudsmith: {DIGITS}", DIGITS),
    (f'getSmartsheet("{RANDOM}")', RANDOM),
    (f"pusher token - '{UUID}'", UUID),
    (f"mailgun KEY {DIGITS}", DIGITS),
    (f"mailgunPRIVATE-{DIGITS}", DIGITS),
    (f"finnhub_secret {UUID}", UUID),
    ("coinlib_key=abc123def456789a", "abc123def456789a"),
]

NEAR_MISSES = [
    "'gss_krb5_lucid_key', 'gss_krb5_rfc1964_keydata', 'gss_krb5_x'",
    f"cache_key: {DIGITS}",
    f"mailgun: restored from key: linux-{DIGITS}",
    f"mailgun cache key: {DIGITS}",
    f"primary_key = {UUID}",
    f'"key": "{DIGITS}"',
    f'"public_key": "{RANDOM}"',
    f"hashFiles key={DIGITS}",
    f"integrity key sha512-{RANDOM}",
    f'"NextToken": "{RANDOM}"',
    f"the token was used for commit {DIGITS}",
    f"token and version={RANDOM}",
    f"--key multipart/01 --upload-id {RANDOM}",
    "github.com/mailgun/mailgun-go/v4 v4.12.0 h1:" + body(RNG, ALNUM, 43) + "=",
    "mailgun-js-client-2-windows-amd64",
    f"mailgun {DIGITS}",
    f"mailgun at revision {UUID}",
    "coinlib_version=abc123def456789a",
    f"https://github.com/mailgun/gubernator/commit/{DIGITS}",
    "twilio.example.org/2010-04-01/Accounts",
    f"arn:aws:secretsmanager:us-east-1:1234:key/{RANDOM}",
    "the key is case-sensitive-and-unique",
    "token toolu_01D7FLrfh4GYq7yT1ULFeyMV",
    "STRIPE_KEY=pk_test_" + RANDOM,
    "-----BEGIN PUBLIC KEY-----\n" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCg",
    "key=value&sort=descending-by-name",
    "mixpanel index-BX3d9kQz7w1LmN2pR4.js",
    f"the keys are in this order: {DIGITS[:20]}",
    f'"key": "uploads/2026/{RANDOM}"',
    f'"key": "/srv/data/{RANDOM}"',
    "keyboard = Xk47MnQp29ZtRw81LdFs",
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_flags_the_value(payload: str, secret: str) -> None:
    found = {span.value for one in RULES for span in one.find(payload.encode())}
    assert secret.encode() in {value.rstrip(b",.") for value in found}


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert [span for one in RULES for span in one.find(payload.encode())] == []


def test_a_service_in_a_text_that_repeats_is_found_in_every_round() -> None:
    text = f"mailgun '{RANDOM}'\n".encode() * 3000
    assert [span.start for span in VendorDetector().find(text)] == [9 + at * 43 for at in range(3000)]
