import random
from base64 import b64encode

import pytest

from recorder.redact.rules import FORMAT_RULES, RuleSet
from recorder.redact.rules.private_key import PrivateKeyDetector
from tests.redact.samples import ALNUM, BASE64, FORMATS, HEX, URL_SAFE, body, make, pem

RULES = RuleSet("formats", FORMAT_RULES)
RNG = random.Random(7)

FLAGGED_IN_CONTEXT = [
    ("azure-api-key", "AZURE_OPENAI_API_KEY=%s", body(RNG, HEX, 32)),
    ("azure-api-key", '"Ocp-Apim-Subscription-Key": "%s"', body(RNG, HEX, 32)),
    ("azure-api-key", "x %s y", body(RNG, ALNUM, 52) + "JQQ" + "J99" + body(RNG, ALNUM, 26)),
    ("azure-storage-key", "AccountName=a;AccountKey=%s;EndpointSuffix=x", body(RNG, BASE64, 86) + "=="),
    ("azure-storage-key", "https://a.blob.core.windows.net/c?sv=2024-01-01&sp=r&sig=%s", body(RNG, ALNUM, 43) + "%3D"),
    ("aws-signature", "SignedHeaders=host;x-amz-date, Signature=%s", body(RNG, HEX, 64)),
    ("aws-signature", "https://b.s3.amazonaws.com/k?a=b&X-Amz-Signature=%s", body(RNG, HEX, 64)),
    ("aws-session-token", "?X-Amz-Security-Token=%s", body(RNG, ALNUM, 100)),
    ("slack-webhook", "%s", f"https://hooks.slack.com/services/T0{body(RNG, ALNUM, 8)}/B0/{body(RNG, ALNUM, 24)}"),
    ("discord-webhook", "<%s>", f"https://discord.com/api/webhooks/123456789012345678/{body(RNG, ALNUM, 68)}"),
    (
        "webhook-url",
        "%s",
        f"https://ab12.webhook.office.com/webhookb2/{body(RNG, HEX, 32)}@{body(RNG, HEX, 32)}/Incoming",
    ),
    ("webhook-url", "%s", f"https://hooks.zapier.com/hooks/catch/{body(RNG, ALNUM, 20)}"),
    ("authorization", "WWW-Authenticate: NTLM %s", "TlRMTVNT" + "UAAD" + body(RNG, ALNUM, 40)),
    ("service-token", "MY_%s", "tskey-" + "api-" + body(RNG, ALNUM, 12) + "-" + body(RNG, ALNUM, 24)),
    ("service-token", "MY_%s", "lsv2_" + "pt_" + body(RNG, HEX, 32) + "_" + body(RNG, HEX, 10)),
    ("service-token", "%s", "pcsk" + "_" + body(RNG, ALNUM, 30)),
    ("service-token", "(%s)", "fc" + "-" + body(RNG, HEX, 32)),
    ("service-token", "%s", "nvapi" + "-" + body(RNG, URL_SAFE, 56)),
    ("service-token", "%s", "sk_pr_" + "mykey_" + body(RNG, HEX, 40)),
    ("service-token", "%s", "pa" + f"t.{body(RNG, ALNUM, 22)}.{body(RNG, ALNUM, 24)}.{body(RNG, ALNUM, 20)}"),
    ("service-token", "%s", "AIK_" + "SECRET_" + body(RNG, ALNUM, 64)),
    ("service-token", "%s", "FLW" + "SECK-" + body(RNG, HEX, 32) + "-X"),
    ("service-token", "%s", "sl" + ".B" + body(RNG, URL_SAFE, 140)),
    ("service-token", "x = '%s'", body(RNG, ALNUM, 11) + "A" * 10 + body(RNG, ALNUM, 43)),
    ("service-token", "%s", "xkeysib-" + body(RNG, HEX, 64) + "-" + body(RNG, ALNUM, 16)),
    ("service-token", "/token/%s", b64encode(b"926607655526:" + RNG.randbytes(20)).decode()),
    ("service-token", "%s", "midi-" + body(RNG, ALNUM, 48)),
    ("alibaba-access-key-id", "f(%s, x)", "LT" + "AI" + body(RNG, ALNUM, 20)),
    ("otp-secret", "otp\n%s\n", "WXFES7QNTET5" + "DQYC"),
    ("twilio-account-sid", "sid %s", "A" + "C" + body(RNG, HEX, 32)),
    ("service-token", "%s", "dt0" + "c01." + "ABCDEFGH" * 3 + "." + "ABCDEFGH" * 8),
    ("service-token", "%s", "1234567890123" + "45|" + body(RNG, ALNUM, 27)),
    ("service-token", "%s", "3MV" + "G9" + body(RNG, ALNUM, 80)),
    ("service-token", "%s", "w" + "x" + body(RNG, HEX, 16)),
    ("sendgrid-api-key", "%s", "S" + f"G.{body(RNG, ALNUM, 22)}.{body(RNG, ALNUM, 20)}"),
    ("google-client-secret", "12-ab.apps.googleusercontent.com\n\n%s\n", body(RNG, ALNUM, 24)),
    ("service-token", "%s", "cf" + "ut_" + body(RNG, ALNUM, 40)),
    ("service-token", "%s", "nf" + "p_" + body(RNG, ALNUM, 36)),
    ("service-token", "%s", "vc" + "p_" + body(RNG, ALNUM, 40)),
    ("service-token", "%s", "pscale_" + "tkn_" + body(RNG, URL_SAFE, 43)),
    ("service-token", "%s", "NR" + "II-" + body(RNG, URL_SAFE, 26)),
    ("service-token", "%s", "shippo_" + "live_" + body(RNG, HEX, 40)),
    ("service-token", "%s", "sq0" + "csp-" + body(RNG, URL_SAFE, 43)),
    ("service-token", "%s", "ATA" + "TT3xFfGN0" + body(RNG, ALNUM, 60)),
    ("service-token", "%s", "sdk-5gykyl1b-wgrq-41lc-z6q1-" + body(RNG, ALNUM.lower(), 12)),
    ("service-token", "%s", body(RNG, HEX, 32) + "-us" + "12"),
    ("service-token", "%s", "ph" + "x_" + body(RNG, ALNUM, 43)),
    ("service-token", "jfrog rt config --password=%s", "AP" + "5" + body(RNG, ALNUM, 30) + "7a"),
    ("service-token", "%s", "tv" + "ly-" + body(RNG, ALNUM, 32)),
    ("service-token", "%s", "HR" + "KU-f1274537-88fb-deaf-beda-" + body(RNG, HEX, 12)),
    ("service-token", "%s", "oy2" + body(RNG, ALNUM.lower(), 43)),
    ("service-token", "%s", f"{body(RNG, HEX, 32)}-{body(RNG, HEX, 8)}-{body(RNG, HEX, 8)}"),
    ("webhook-url", "%s", f"https://ab.tines.com/webhook/{body(RNG, HEX, 32)}/{body(RNG, HEX, 32)}"),
    ("private-key", "data: %s", "MIIBOgIBAAJB" + body(RNG, BASE64, 64) + "\n" + body(RNG, BASE64, 40)),
    ("private-key", "data: %s", "MC4CAQAwBQYDK2Vw" + body(RNG, BASE64, 48)),
    ("aws-access-key-id", "%s", "A3T" + "QYLPMN5HHHFPZAM23"),
    ("service-token", "%s", "odt_" + body(RNG, ALNUM, 40)),
    ("azure-api-key", 'value = "%s"', body(RNG, ALNUM, 33) + "+A" + "Sb" + body(RNG, ALNUM, 6) + "="),
    ("azure-api-key", "key=%s;", body(RNG, ALNUM, 76) + "AC" + "Db" + body(RNG, ALNUM, 6) + "=="),
    ("azure-api-key", "%s", body(RNG, ALNUM, 44) + "Az" + "Fu" + body(RNG, ALNUM, 6) + "=="),
    ("azure-api-key", "%s", body(RNG, ALNUM, 42) + "Az" + "Se" + body(RNG, ALNUM, 6)),
    ("azure-devops-token", "pat %s", body(RNG, "abcdefghijklmnopqrstuvwxyz234567", 52)),
    ("google-hmac-key-id", "id: %s", "GO" + "OG1E" + body(RNG, ALNUM.upper(), 55)),
    ("telegram-bot-token", "bot %s", "1234567890:" + "h" + body(RNG, URL_SAFE, 34)),
    ("service-token", "%s", "sq" + "p_" + body(RNG, HEX, 40)),
    ("service-token", "%s", "da2-" + body(RNG, ALNUM.lower(), 26)),
    ("service-token", "%s", "amzn." + "mws.00a19111-8311-5311-5391-5e211cbfcd5c"),
    ("service-token", "%s", "acme" + "_" + body(RNG, ALNUM, 40)),
    ("service-token", "%s", "ACME" + "-" + body(RNG, ALNUM, 40)),
    ("service-token", "%s", "A3-ASWWYB-798JRY-LJVD4-23DC2" + "-86TVM-H43EB"),
    ("api-key", "https://mainnet.infura.io/v3/%s", body(RNG, HEX, 32)),
    ("api-key", "wss://eth-mainnet.g.alchemy.com/v2/%s", body(RNG, ALNUM, 32)),
    ("webhook-url", "https://chat.example.org/hooks/%s", body(RNG, ALNUM.lower(), 26)),
    ("private-key", "data: %s", "MIHcAgEBBE" + "IB" + body(RNG, BASE64, 64)),
    ("service-token", "%s", body(RNG, ALNUM, 76) + "AZ" + "DOabc1"),
    ("password-hash", "ada:%s:0:0", "$6$" + body(RNG, ALNUM, 16) + "$" + body(RNG, ALNUM, 86)),
    ("password-hash", "%s", "$2y$12$" + body(RNG, ALNUM, 53)),
    ("password-hash", "%s", "$argon2id$v=19$m=65536,t=3,p=4$" + body(RNG, BASE64, 22) + "$" + body(RNG, BASE64, 43)),
    ("service-token", "token: %s", "A" * 21 + "B" + body(RNG, ALNUM, 80)),
    ("service-token", "key %s", "EA" + "AC" + body(RNG, ALNUM, 120)),
    ("service-token", "%s", "ramp_" + "sec_" + body(RNG, ALNUM, 40)),
    ("service-token", "%s", "acme-" + "key-" + body(RNG, ALNUM, 24)),
    ("discord-bot-token", "%s", f"M{body(RNG, ALNUM, 23)}.{body(RNG, ALNUM, 6)}.{body(RNG, URL_SAFE, 27)}"),
    ("github-pat", "%s", "gh" + f"s_20260523_eyJ{body(RNG, URL_SAFE, 40)}.eyJ{body(RNG, URL_SAFE, 40)}"),
    ("npm-token", "//registry.example.org/:_authToken=%s", body(RNG, ALNUM, 30)),
    ("google-oauth-token", "refresh %s end", "1//0" + body(RNG, ALNUM, 60)),
    ("github-pat", "%s", "github_" + "pat_" + body(RNG, ALNUM, 22) + "_" + body(RNG, ALNUM, 59)),
    ("stripe-key", "%s", "whs" + "ec_" + body(RNG, ALNUM, 32)),
    ("openai-api-key", "%s", "sk-" + body(RNG, ALNUM, 20) + "T3Blbk" + "FJ" + body(RNG, ALNUM, 20)),
]

NEAR_MISSES = [
    "https://github.com/a/b/commit/38b5ae54#diff-86ba39d37aa829c8c82624cce4f049fbL36",
    b64encode(b"926abc655526:" + bytes(range(20))).decode(),
    "sk-ant-...",
    "sk-ant-api03-your-key-here-your-key",
    "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxx",
    "`sk-ant-admin01-…` and `sk-ant-oat01-…`",
    "sk-your-litellm-master-key",
    "sha256 in base32: " + "0c1i9z8" * 7 + "abc",
    "in a longer run: x" + "A" * 33 + "+ASbABCDEFabc=",
    "msg_01XFDUDYJgAACzvnptvVoYEL",
    "index_5d41402abc4b2a76b9719d911017c5925d41402a",
    "https://infura.io/docs/ethereum",
    "https://example.org/hooks/use-effect",
    "task-0123456789abcdef",
    "sk-learn-contributors",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "threat-protection-in-the-windows-security-app-1362f4cd-d71a-b52a-0b66-c2820032b65e#bkmk",
    "style-src 'nonce-N2M0MDhkN2EtMmRkYi00MTExLWFhM2YtNDhkNTc4NGJhMjA3'",
    "AC" + "0" * 32,
    "ABCDEFGHIJKLMNOP\n",
    "const A_LONG_CONSTANT2 = 3\nABCDEF2GHIJKLMNOPQ\n",
    "AKIAIOSFODNN7" + "EXAMPLE",
    "AKIA-is-a-prefix, AKIA0000 too short",
    "BAKIA" + "QYLPMN5HHHFPZAM2",
    "pk_live_" + "51H8xYzQkLmNoPqRsTuVwXyZ",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_short",
    "AIza is how Google's keys begin",
    "xoxb-your-token",
    "SG.short.short",
    "pk_test_" + "51H8xYzQkLmNoPqRsTuVwXyZ",
    "apps/billing_api_internal_reconciliation",
    "my-token-refresh-interval-seconds",
    "https://hooks.slack.com/services/T000/B000/XXX",
    "https://hooks.zapier.com/hooks/catch/",
    "data:image/png;base64,iVBO/EAAA" + "Qm9k" * 30,
    "MIID/AP7e9qAONLAah26ueOGPSafStSFTgJ9sh23joM+Tp5HX",
    "x/" + "A" * 200,
    "NRII-short",
    "$1$salt$ is how md5crypt begins, $2a$10$ bcrypt",
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0",
    "APPLICATION_SETTINGS",
    "Negotiate, NTLM and Basic are offered",
    "12345678:AAshort",
    "eyJhbGciOiJIUzI1NiJ9 alone is a header",
    "0123456789abcdef0123456789abcdef without a word beside it",
    "arn:aws:iam::123456789012:role/Admin",
    "https://b.s3.amazonaws.com/k?X-Amz-Date=20251101T000000Z",
    "1//0 comments",
    "hf_dataset_name_with_underscores",
    "npm_config_registry_and_other_variables",
    "glpat-",
    "[REDACTED:anthropic-api-key:0123456789abcdef0123456789abcdef]",
]


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "private-key"])
@pytest.mark.parametrize("frame", ["%s", "key %s end", "x=%s&y", '"%s"', "+%s", "\t%s\r\n", "(%s)", "12→%s"])
def test_flags_the_format_anywhere(kind: str, frame: str) -> None:
    secret = make(kind)
    found = RULES.find((frame % secret).encode())
    assert (kind, secret.encode()) in [(span.kind, span.value) for span in found]


@pytest.mark.parametrize(("kind", "frame", "secret"), FLAGGED_IN_CONTEXT)
def test_flags_the_format_beside_its_context(kind: str, frame: str, secret: str) -> None:
    found = RULES.find((frame % secret).encode())
    assert (kind, secret.encode()) in [(span.kind, span.value) for span in found]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []


@pytest.mark.parametrize("label", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize("between", ["\n", "\r\n", "\n+", "\n   12→", "\\n"])
def test_flags_private_keys_whatever_stands_between_their_lines(label: str, between: str) -> None:
    block = between.join(pem(label)(random.Random(3)).split("\n"))
    text = f"before\n{block}\nafter".encode()
    (span,) = PrivateKeyDetector().find(text)
    assert text[span.start : span.end] == block.encode()


def test_flags_a_private_key_that_was_cut_off() -> None:
    lines = pem("RSA ")(random.Random(3)).split("\n")[:4]
    text = ("\n".join(lines) + "\n\nand then it broke off").encode()
    (span,) = PrivateKeyDetector().find(text)
    assert lines[-1].encode() in span.value
    assert b"broke off" not in span.value


@pytest.mark.parametrize(
    "payload",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        'if "-----BEGIN ' + 'PRIVATE KEY-----" in text and "-----END ' + 'PRIVATE KEY-----" in text: raise',
        "-----BEGIN CERTIFICATE-----\n" + "MIIB" * 40 + "\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\n" + "MIIB" * 40 + "\n-----END PUBLIC KEY-----",
    ],
)
def test_leaves_headers_without_a_body_and_public_blocks(payload: str) -> None:
    assert PrivateKeyDetector().find(payload.encode()) == []


def test_a_rejected_match_does_not_hide_the_next() -> None:
    secret = make("github-pat")
    found = RULES.find(f"sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxx {secret}".encode())
    assert [span.value for span in found] == [secret.encode()]
