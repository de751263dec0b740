import pytest

from recorder.redact.rules import commands
from recorder.redact.rules.base import RuleSet

RULES = RuleSet("commands", commands.RULES)
PASSWORD = "Tr0ub4dor" + "!x9"
UUID = "7b15f7f8-52a8-849d-384e-20b4c0de82dd"

FLAGGED = [
    ("net user ada %s /add", PASSWORD),
    ("useradd -m -p '%s' ada", PASSWORD),
    ("rabbitmqctl add_user ada %s", PASSWORD),
    ("keytool -list -storepass %s -keystore x", "sunshine"),
    ("openssl enc -aes-256-cbc -k %s -in a", "sunshine"),
    ("lftp -u ada,%s host", PASSWORD),
    ("twine upload -u __token__ -p %s dist/*", PASSWORD),
    ("vault login %s", "7b15f7f852a8849d384e"),
    ("machine api.example.org\n  login ada\n  password %s\n", "sunshine1"),
    ("default login ada password %s", "sunshine1"),
    ('<add key="ClearTextPassword" value="%s" />', "TestSource-Password"),
    ("ENV API_TOKEN %s", UUID),
    ("setx DB_PASSWORD %s", "sunshine1"),
    ('Content-Disposition: form-data; name="password"\r\n\r\n%s\r\n', "sunshine1"),
    ("sqlplus ada/%s@db:1521/ORCL", "sunshine1"),
    ("xfreerdp /v:host /u:ada /p:%s", "sunshine1"),
    ("net use Z: \\\\files\\share %s /user:ada", "sunshine1"),
    ('expect "assword:"\nsend "%s\\r"', "sunshine1"),
    ('sudo -S apt update <<< "%s"', "sunshine1"),
    ("ftp> user ada\n331 Password required\n> PASS %s\n", "sunshine1"),
    ("AUTH PLAIN %s", "YWRhOnN1bnNoaW5l"),
    ("127.0.0.1:6379> AUTH %s\nOK", "sunshine1"),
    ("winrm identify -u:ada -p:%s", "sunshine1"),
    ("schtasks /create /tn t /ru ada /rp %s", "sunshine1"),
    ("kinit ada@REALM <<< %s", "sunshine1"),
    ("SetEnv DB_PASSWORD %s", "sunshine1"),
    ("set -gx DB_PASSWORD %s", "sunshine1"),
    ('gh secret set API_TOKEN --body "%s"', UUID),
    ("pulumi config set --secret app:clientSecret %s", "7b15f7f852a8849d384e"),
    ('  12→name="password"\n  13→\n  14→%s\n', "sunshine1"),
    ('<input type="password" name="pw" value="%s">', "sunshine1"),
]

NEAR_MISSES = [
    "require user authentication before allowing a request, and you\npass that information",
    "SetEnv DB_PASSWORD ${DB_PASSWORD}",
    "net use Z: \\\\files\\share /user:ada",
    "Set the default password broker name.",
    "keytool -storepass $STOREPASS",
    "openssl enc -d -in x -k ${KEY}",
    "ENV TOKEN_URL https://example.org/token",
    '<input type="password" name="password" value="{{ old }}">',
    'form-data; name="token_type"\r\n\r\nbearer\r\n',
    "ldconfig -p | grep x",
]


@pytest.mark.parametrize(("frame", "secret"), FLAGGED)
def test_flags_the_password(frame: str, secret: str) -> None:
    assert [span.value.decode() for span in RULES.find((frame % secret).encode())] == [secret]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []
