import pytest

from recorder.redact.rules import logins, talk
from recorder.redact.rules.base import RuleSet

RULES = RuleSet("talk", (*talk.RULES, *logins.RULES))
PASSWORD = "Tr0ub4dor" + "!x9"

FLAGGED = [
    f"mysql -h db -u root -p{PASSWORD} prod",
    f"sshpass -p {PASSWORD} ssh host",
    f"curl -s -u admin:{PASSWORD} https://x",
    f"redis-cli -h x -a {PASSWORD} ping",
    f"docker login -u ada -p {PASSWORD} registry.example.org",
    f"mongosh --host db -u ada -p {PASSWORD}",
    f"sqlcmd -S db -U sa -P {PASSWORD}",
    f"7z x -p{PASSWORD} backup.7z",
    f"ldapsearch -x -D cn=admin -w {PASSWORD} -b dc=example",
    f"smbclient //files/share -U ada%{PASSWORD}",
    f"htpasswd -bc .htpasswd ada {PASSWORD}",
    f"net use Z: \\\\files\\share /user:ada {PASSWORD}",
    f"ConvertTo-SecureString -String {PASSWORD} -Force",
    f"curl --user ada:'{PASSWORD}' https://x",
    f"pw:{PASSWORD})",
    f"psexec \\\\10.0.0.1 -u Administrator -p {PASSWORD} cmd",
    f"openssl rsa -in key.pem -passin pass:{PASSWORD}",
    f"echo 'ada:{PASSWORD}' | sudo chpasswd",
    f"echo {PASSWORD} | sudo -S apt-get update",
    f"the password is {PASSWORD}.",
    f'use the password "{PASSWORD}" for it',
    f"Das Passwort lautet {PASSWORD}",
    f"le mot de passe est {PASSWORD}",
    f"La contraseña es {PASSWORD}",
    f"machine example.org login ada password {PASSWORD}",
    f"requirepass {PASSWORD}",
    f"pw: {PASSWORD}",
    f"credentials: ada / {PASSWORD}",
    f'smtp.login("ada@example.org", "{PASSWORD}")',
    f'requests.get(url, auth=("ada", "{PASSWORD}"))',
    f'new mysqli("localhost", "ada", "{PASSWORD}", "shop")',
    f'new PDO("mysql:host=db", "ada", "{PASSWORD}")',
]

NEAR_MISSES = [
    "mysql -h db -u root -p",
    "mysql -h db -p $MYSQL_PASSWORD",
    "curl -u admin:$PASSWORD https://x",
    "echo password | tr a-z A-Z",
    "The password is case-sensitive.",
    "the token is expired and was refreshed",
    "The passphrase is stored in ~/.config/app2/secret",
    "the secret is {{ secret1 }}",
    "login: ada / Profile",
    "forward_auth auth-gateway:9091 {",
    "github.com/aws/aws-sdk-go-v2/credentials v1.19.16/go.mod h1:abc",
    "Username: username, Password: b64Pwd,",
    "password Utf8PathBuf",
    "duplex,credentials:A?y:void 0",
    "its token is \u2026CmCode",
    "pass SHA-256 digests",
    'app.connect("clicked", "on_click", "after2")',
    'auth=("ada", "secret")',
    "the token is \u2026BeTrack",
]


@pytest.mark.parametrize("payload", FLAGGED)
def test_flags_the_password(payload: str) -> None:
    assert {span.value.rstrip(b".)") for span in RULES.find(payload.encode())} == {PASSWORD.encode()}


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []
