"""Words as passwords, keys as bytes, examples beside a service's name: what only its place gives away."""

import pytest

from recorder.redact import guards
from recorder.redact.rules import assignments, keyed, logins, structures, talk
from recorder.redact.rules.base import RuleSet
from recorder.redact.rules.vendors import VendorDetector

RULES = [
    RuleSet("assignments", assignments.RULES),
    RuleSet("structures", structures.RULES),
    RuleSet("talk", (*talk.RULES, *logins.RULES)),
    RuleSet("keyed", keyed.RULES),
    VendorDetector(),
]
DIGITS = "9acf34ff1e738bcd6d5daf10" + "2a8cfcb8a158e44e"
BYTES = ", ".join(f"0x{at * 37 % 256:02x}" for at in range(1, 17))

FLAGGED = [
    ("<p>the password is c0ral-37!x</p>", "c0ral-37!x</p>"),
    ("I changed the password to 'c0ral-37!x'", "c0ral-37!x"),
    ("db:\n  login: ada\n  password: velvetcoral\n", "velvetcoral"),
    ("SSHuser=ada\nSSHpassword=velvetcoral", "velvetcoral"),
    ('password = "velvetcoral"', "velvetcoral"),
    ("password: 'velvet_coral'", "velvet_coral"),
    ('char db_password[64] = "coral37";', "coral37"),
    (f'"token" -> "{DIGITS}"', DIGITS),
    ('const TOKEN = import.meta.env.TOKEN || "ea3314920e4ed4dabb16coral05"', "ea3314920e4ed4dabb16coral05"),
    ("The default password is 'coral'", "coral"),
    ('The password for the user "ada" is "coral"', "coral"),
    ("curl -sw '%{http_code}' \\\n  -u ada:velvetCoral1 https://x", "velvetCoral1"),
    ("curl -u ada:C@ral$12 https://x", "C@ral$12"),
    ("curl --user  'ada:c0ral~21s' $X", "c0ral~21s"),
    ('new NetworkCredential("ada@example.org", "C0ral-37x")', "C0ral-37x"),
    (f"#define AES_KEY {{{BYTES}}}", BYTES),
    (f'<property name="sonar.login" value="{DIGITS}" />', DIGITS),
    (f'getClientSecret(), equalTo("{DIGITS}")', DIGITS),
    (f"#define AES_KEY {{{BYTES}, \\\n            0x11, 021}}", f"{BYTES}, \\\n            0x11, 021"),
    ('{"password": "4711"}', "4711"),
    ('vault.setMotDePasse("Coral1234")', "Coral1234"),
    ("\uc554\ud638: C0ral-37x", "C0ral-37x"),
    ("\u5bc6\u7801:C0ral-37x", "C0ral-37x"),
    ("ID/PW: ada/C0ral-37x", "C0ral-37x"),
    ("id/pass:ada,C0ral-37x", "C0ral-37x"),
    ("user=ada&password=c0ral37x&next=1", "c0ral37x"),
    ("mailgun-secret-key=abcd1234", "abcd1234"),
    ("var unnamed = 'wq1jq9xwanbn3m'.concat('b')".replace("'.concat('b')", "b'"), "wq1jq9xwanbn3mb"),
    ("mailgun_token = abcdefabcdefabcdefabcdef", "abcdefabcdefabcdefabcdef"),
    ('api_token = "abcdefghijklmnopqrst"', "abcdefghijklmnopqrst"),
    ('storePassword = "changeit"', "changeit"),
    ("wrapped = 'KJHhJKhKU7yguyuyfrtsdESffhjgkhYTfdjs8Gf5jlli=='", "KJHhJKhKU7yguyuyfrtsdESffhjgkhYTfdjs8Gf5jlli=="),
    ("Client secret AIhq5Xyb1Gga9Q9", "AIhq5Xyb1Gga9Q9"),
    ("the access token (AIhq5Xyb1Gga9Q9) was sent", "AIhq5Xyb1Gga9Q9"),
    ("Das Passwort lautet v9nI7k4CEaF3lVQIuX", "v9nI7k4CEaF3lVQIuX"),
    ("My wifi password is `aktUHGVn7PPwY.ozYjcMr`, use it", "aktUHGVn7PPwY.ozYjcMr"),
    ("mailgun SECRET abcd1234abcd1234efgh", "abcd1234abcd1234efgh"),
    (f"acmeSECRET {DIGITS}", DIGITS),
    ('apikey: "m{{h}o)p${e]nob(ody[finds>-_$#it}}"', "m{{h}o)p${e]nob(ody[finds>-_$#it}}"),
]
NEAR_MISSES = [
    "    password = velvetcoral\n",
    "  password: undefined\n",
    "  password: VelvetCoral\n",
    "password=current_user\n",
    'type = "password"',
    'password = "required"',
    'password: "new_password"',
    'PasswordField = "textpassword"',
    'GRANT_PASSWORD = "passwordless"',
    "withXsrfToken: defaultToConfig2, xsrfHeaderName: defaultToConfig2",
    "val credential: Saml2X509Credential = Saml2X509Credential.signing()",
    'com-password4j = "1.8.4"',
    "DEFAULT_RESET_TOKEN_EXPIRES_IN = 15.minutes",
    '"KeySpec": "ECC_NIST_P521", "CustomerMasterKeySpec": "ECC_NIST_P521"',
    "username=user&password=password&_csrf=velvet",
    "'password' => '--password='.$connection['password'],",
    "binding (user=ada&password=123)",
    "unnamedId = 'wq1jq9xwanbn3mb'",
    "unnamed_hash = 'wq1jq9xwanbn3mb'",
    "unnamed = 'okhttp3-mockwebserver'",
    "unnamed = 'utf8_general_ci_2_4_7'",
    "unnamed = 'sha256-wq1jq9xwanbn3mb'",
    "com-squareup-okhttp3-mockwebserver = { module",
    '"AlarmName": "TargetTracking-key/web-app-AlarmLow-1b437334-d19b-4a63-a812-6c67aaf2910d"',
    "mailgun version=abcd1234",
    "`OAuth2RefreshTokenConverter`, `OAuth2ClientCredentialsAuthenticationConverter`",
    'if self.update_password == "always":',
    "passwords = {'connect_pass': sshpass, 'become_pass': becomepass}",
    "if password_mechanism == 'sshpass':",
    "lookup('ansible.builtin.password', 'credentials/' + client)",
    'PASSWORD_HASHERS = [\n  "django.contrib.auth.hashers.PBKDF2PasswordHasher",\n  "x.BCryptSHA256Hasher",\n]',
    'exclude_pat="E@init.sls$"',
    "rolepassword='rolepassword'",
    "salt 'edge01.lon01' snmp.update",
    "Sec-WebSocket-Key: s65VsgHigh7v/Jcf4nXHnA==",
    "self.mlkem_key = mlkem.MLKEM768PrivateKey.generate()",
    "token = _XRegExp$exec2[0];",
    "if attr.endswith(_TOKEN):\n    token = f\"{attr.split(':')[0]}:{_WILDCARD_TOKEN}\"",
    "# A bad credential combination panics as pyo3_runtime.PanicException, not a plain",
    "If the password is L{None}, the PASS command",
    "# if password script is 'something-client'",
    "* The required token exchange grant_type: rfc8693#section-2.1",
    "set password(value){this.url.password=value1}get username(){",
    "{key: jinja2_extensions, section: defaults}",
    f'"AWS::IAM::AccessKey": "{DIGITS}",',
    f'"AWS::SecretsManager::Secret": "{DIGITS}",',
    'TOKEN_LETTERS_USED = "abcdefghijklmnopqrstuvwxyzabcdef"',
    "const STORAGE_KEY = 'todos-vuejs-3.x'",
    "code = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'",
    'twin = "BetaAsyncAbstractComputerToolset20260801"',
    "the token Abstract2Tokenizer3Factory is a class",
    "token x86_64-linux-gnu2",
    "secret 0123456789abcdef0123",
    "<input name=pass type=password size=10>",
    "token: DefaultColumn<{",
    "authorization = ActionController::HttpAuthentication::Basic.encode_credentials",
    "#define AES_KEY {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}",
    "the password must be 'secure'",
    f"the cache key {DIGITS} was evicted",
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_flags_the_value(payload: str, secret: str) -> None:
    assert secret.encode() in [span.value for rules in RULES for span in rules.find(payload.encode())]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert [span.value for rules in RULES for span in rules.find(payload.encode())] == []


@pytest.mark.parametrize("value", [b"defaultToConfig2", b"Saml2X509Credential", b"_resolveConfig$withCr"])
def test_a_numbered_name_is_a_name(value: bytes) -> None:
    assert guards.is_camel(value)


@pytest.mark.parametrize(
    "value", [b"CherryIsland78", b"8mcc284l3i4s", b"PoD1zCPU", b"wifZUEazo7Y4E3", b"B8O9w0a7rh0jPxAk"]
)
def test_a_made_up_value_is_no_name(value: bytes) -> None:
    assert not guards.is_camel(value)
