"""Calls that log in: what is handed to them is a password, even a word; what only stands for one is none."""

import pytest

from recorder.redact.rules import logins
from recorder.redact.rules.base import RuleSet

RULES = RuleSet("logins", logins.RULES)

FLAGGED = [
    ('smtp.PlainAuth("", "ada@example.org", "velvet", "smtp.example.org")', "velvet"),
    ('ftp.login("ada", "velvet4815")', "velvet4815"),
    ('new Sequelize("db", "ada", "velvet", {dialect: "mysql"})', "velvet"),
    ('page.fill("#password", "velvet4815")', "velvet4815"),
    ('driver.find_element(By.ID, "password").send_keys("dYpcsVsRAxw")', "dYpcsVsRAxw"),
    ('new PasswordAuthentication("ada", "velvet".toCharArray())', "velvet"),
    ('new NetworkCredential("ada", "velvet")', "velvet"),
    ("new UsernamePasswordCredentials('ada', 'velvet')", "velvet"),
    ('DriverManager.getConnection(url, "ada", "velvet")', "velvet"),
    ('DriverManager.getConnection("jdbc:h2:mem:app", "ada", "velvet")', "velvet"),
    ('$db = new mysqli("db", "ada", "velvet", "app");', "velvet"),
    ("new PDO('mysql:host=db;dbname=app', 'ada', 'velvet')", "velvet"),
    ('ftp_login($connection, "ada", "velvet")', "velvet"),
    ('jsch.addIdentity("some/file", "velvet")', "velvet"),
    ('MongoCredential.createScramSha1Credential("ada", "app", "velvet".toCharArray())', "velvet"),
    ('requests.get(url, auth=HTTPBasicAuth("ada", "velvet"))', "velvet"),
    ('new PBEKeySpec("velvet".toCharArray())', "velvet"),
    ('vault.setKeyStorePassword("velvet")', "velvet"),
    ('store.load(stream, "velvet".toCharArray())', "velvet"),
    ('properties.put("password", "velvet")', "velvet"),
    ('p.getProperty("db.password","velvet")', "velvet"),
    ('map.put("api_key", "9acf34ff1e738bcd6d5d")', "9acf34ff1e738bcd6d5d"),
    ('Algorithm.HMAC256("velvet")', "velvet"),
    ('Jwts.builder().signWith(SignatureAlgorithm.HS256, "velvet")', "velvet"),
    ('Encryptors.text("velvet", salt)', "velvet"),
    ("$redis->auth('velvet');", "velvet"),
    ("openssl_encrypt($data, 'aes-256-cbc', 'velvet')", "velvet"),
    ('imap_open($mailbox, "ada", "velvet")', "velvet"),
    ('curl_easy_setopt(curl, CURLOPT_USERPWD, "ada:velvet");', "ada:velvet"),
    ('"login=ada&password=velvet&go=1"', "velvet"),
    ('@Value("${db.password:velvet}")', "velvet"),
    ('smtp.login("ada", "velvetcoral")', "velvetcoral"),
    ('auth = ("ada", "Ember@57")', "Ember@57"),
    ('client.connect("db", "ada", "velvet-57")', "velvet-57"),
]
NEAR_MISSES = [
    'new PasswordAuthentication("user", "password".toCharArray())',
    "new PasswordAuthentication(user, password.toCharArray())",
    'new NetworkCredential("user", "your-password")',
    'new NetworkCredential("user", "${PASSWORD}")',
    'new NetworkCredential(user, ConfigurationManager.AppSettings["velvet"])',
    'DriverManager.getConnection(url, "user", System.getenv("velvet"))',
    'DriverManager.getConnection("jdbc:h2:mem:app")',
    'setPassword("password")',
    'store.load(stream, "UTF-8")',
    'properties.put("password_field", "velvet")',
    'properties.put("token", "velvet")',
    'errors.put("password", "must not be empty")',
    'labels.put("password", "Password")',
    'client.connect("db", "ready", handler)',
    'router.login("user", next)',
    'curl_easy_setopt(curl, CURLOPT_USERPWD, "user:password");',
    "Algorithm.HMAC256(secret)",
    '"&password=" + password + "&go=1"',
    '"?password=true&go=1"',
    '@Value("${db.password:}")',
    '"${PASSWORD:required}"',
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_flags_the_password(payload: str, secret: str) -> None:
    assert [span.value for span in RULES.find(payload.encode())] == [secret.encode()]


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert RULES.find(payload.encode()) == []
