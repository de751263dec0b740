import pytest

from recorder.redact.rules import assignments, authorization, clouds
from recorder.redact.rules.base import RuleSet

RULES = [
    RuleSet("assignments", assignments.RULES),
    RuleSet("authorization", authorization.RULES),
    RuleSet("aws", clouds.PAIRED_RULES),
]
PASSWORD = "Tr0ub4dor" + "!x9"
TOKEN = "9f3kQ7zLm2" + "Xw8RtY5b"
AWS = "wJalrXUtnFEMI/K7MDENG" + "+bPxRfiCYzLm4Q9tBaZ"

FLAGGED = [
    (f"DB_PASSWORD={PASSWORD}", PASSWORD),
    ("DB_PASSWORD=p@ss;w0(rd,&x", "p@ss;w0(rd,&x"),
    (f"   12→export API_TOKEN='{TOKEN}'", TOKEN),
    (f'password = "{PASSWORD}"', PASSWORD),
    (f"password: {PASSWORD}", PASSWORD),
    (f'{{"password": "{PASSWORD}"}}', PASSWORD),
    (f"'client_secret' => '{TOKEN}'", TOKEN),
    (f'password: str = "{PASSWORD}"', PASSWORD),
    (f'ds.setPassword("{PASSWORD}");', PASSWORD),
    (f'connect(host="db", user="x", password="{PASSWORD}")', PASSWORD),
    (f'("x-api-key", "{TOKEN}")', TOKEN),
    (f"Server=db;User Id=sa;Password={PASSWORD};Encrypt=yes", PASSWORD),
    (f"<password>{PASSWORD}</password>", PASSWORD),
    (f"- name: DB_PASSWORD\n  value: {PASSWORD}", PASSWORD),
    (f"--password {PASSWORD}", PASSWORD),
    (f"--api-key={TOKEN}", TOKEN),
    (f"postgres://app:{PASSWORD}@db:5432/prod", PASSWORD),
    (f"mongodb+srv://u:{TOKEN}@cluster0.mongodb.net", TOKEN),
    (f"redis://:{TOKEN}@cache:6379", TOKEN),
    (f"Authorization: Bearer {TOKEN}{TOKEN}", TOKEN + TOKEN),
    ("Authorization: Basic dXNlcjpUcjB1YjRkb3I=", "dXNlcjpUcjB1YjRkb3I="),
    (f'-H "X-Api-Key: {TOKEN}"', TOKEN),
    (f"Cookie: sid={TOKEN}; theme=dark", f"sid={TOKEN}; theme=dark"),
    (f"Set-Cookie: sid={TOKEN}; Path=/", TOKEN),
    (f"aws_secret_access_key = {AWS}", AWS),
    ("AKIA" + f"QYLPMN5HHHFPZAM2 {AWS}", AWS),
    (f"- name: DB_PASSWORD\n   13→  value: {PASSWORD}", PASSWORD),
    (f"--account-key {TOKEN}", TOKEN),
    (f'const TOKEN: &\'static str = "{TOKEN}";', TOKEN),
    (f"webhook_key: {TOKEN}", TOKEN),
    ('"requirepass": "ada-4711"', "ada-4711"),
    ("DB_PASSWORD=48151623", "48151623"),
    ("password: 48151623", "48151623"),
    (f"cookies = {{'session': '{TOKEN}'}}", TOKEN),
    (f"PHPSESSID={TOKEN}", TOKEN),
    (f"Cookie: theme=; sid={TOKEN}", f"theme=; sid={TOKEN}"),
    ('{"auths": {"r.example.org": {"auth": "YWRhOlRyMHViNGRvciF4OQ=="}}}', "YWRhOlRyMHViNGRvciF4OQ=="),
    (f"X_AKIA{'QYLPMN5HHHFPZAM2'} {AWS}", AWS),
    (f"vendor token - '{TOKEN}'", TOKEN),
    (f"<secret>{{vendor AQAAABAAA {TOKEN}}}</secret>", f"{{vendor AQAAABAAA {TOKEN}}}"),
    ('api_key: "7b15f7f8-52a8-849d-384e-20b4c0de82dd"', "7b15f7f8-52a8-849d-384e-20b4c0de82dd"),
    (f'if (password !== "{PASSWORD}") {{', PASSWORD),
    (f"#define API_TOKEN {TOKEN}", TOKEN),
    (f'PASSWORD = os.environ.get("PASSWORD") or "{PASSWORD}"', PASSWORD),
    ("--super-secret_token 1ace4d19-fa7e-b4e2-c3f0-9129474bcd81", "1ace4d19-fa7e-b4e2-c3f0-9129474bcd81"),
    ("Authorization: 5eb4223e-5008-46e5-be67-c7b8f2732305", "5eb4223e-5008-46e5-be67-c7b8f2732305"),
    ("password: !Dd5G4s9", "!Dd5G4s9"),
    (f'variable "db_password" {{\n  default = "{PASSWORD}"\n}}', PASSWORD),
    ("smtps://ada@example.org:FnD83JZs@smtp.example.org:465", "FnD83JZs"),
    ("mysql://dev:mySecret2024@localhost/dev", "mySecret2024"),
    (f"PSWD={PASSWORD}", PASSWORD),
    (f"MYSQLPASS: {PASSWORD}", PASSWORD),
    ("LITELLM_MASTER_KEY=sk-ada-48151623", "sk-ada-48151623"),
    ("  password: cFIwZGZ0YzFUKzNtIw==", "cFIwZGZ0YzFUKzNtIw=="),
]

NEAR_MISSES = [
    "API_KEY=your-api-key-here",
    "DB_PASSWORD=${DB_PASSWORD}",
    "DB_PASSWORD=$(cat /run/secrets/db)",
    "password: {{ vault_password }}",
    "password = os.environ['DB_PASSWORD']",
    'token = os.environ["GITHUB_TOKEN"]',
    'api_key=os.getenv("OPENAI_API_KEY")',
    "def reset_password(password: str) -> None:",
    "password: Optional[str] = None",
    "self.password = password",
    "token = get_token(request)",
    "const token = response.data.token",
    "secret: config.secretKey",
    "max_tokens: 4096",
    "password_changed_at: 1767225600",
    "password: 8",
    '"max_tokens": 128000',
    '"input_tokens": 1234567890',
    'token_type = "Bearer2"',
    'password_field = "user_password1"',
    'token_url = "https://auth.example.org/token"',
    'secret_name = "prod/db/password1"',
    'type="password"',
    '"password": "string"',
    "Enter your password: ********",
    'secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"',
    "postgres://user:password@localhost/db",
    "postgres://${USER}:${PASS}@localhost/db",
    "upstream:http://proxy:3128@127.0.0.1:0",
    "https://example.org:8443/path@v2",
    "Authorization: Bearer $TOKEN",
    "Authorization: Bearer <token>",
    "cookie: Optional[str] = None, cookies: dict",
    "aws s3 cp s3://bucket/2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69 .",
    'integrity: "sha512-Q7zLm2Xw8RtY5bQ7zLm2Xw8RtY5bQ7zLm2Xw8RtY5bQ7zLm2Xw8RtY5bQ7zLm2Xw8RtY5bQ7zLm2Xw8RtY5b=="',
    "token: sha256",
    'session_token = "550e8400-e29b-41d4-a716-446655440000"',
    'Token: "#ABB2BF"',
    "Authorization: Bearer workload-identity-auth",
    'error("Failed to create token: "+(0,parse)(e))}finally{m(!1)}',
    '{"type":"password",value:t.value??""}',
    "it exposes your credentials to attackers.\\nIf",
    'docs: "http://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain-transfer.html"',
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain",
    "PASSWORD_PATTERN = '^(?=.*[0-9])[a-z]{8}$'",
    'password = "[REDACTED:password]"',
    "encryption_key_sha256=_encryption_key_sha256,",
    "initial_salt = INITIAL_SALT_VERSION_2",
    "authorization = base64.decodebytes(header)",
    "user[:passwd]@host[:port]', 'host[:port]'",
    "PASSWORD=[Password]",
    "--key='secret_version=projects/PROJECT/secrets/SECRET/versions/VERSION'",
    "`ANTHROPIC_AUTH_TOKEN`, `apiKeyHelper`",
    "value.slice(tokenStart,i+1)),tokenStart=i+1}}return",
    "duplex,credentials:A?y:void 0",
    '"sessionId": "st-a1b2c3d4e5f6g7h8"',
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCd4f",
    "Cookie: theme=dark; lang=en",
    "arn:aws:servicecatalog:us-west-2:813737243517:/applications/0ars38r6btoohvpvd9gqrptt9l",
    '"auth": "registry2"',
    "password: !vault |",
    "#define MAX_TOKENS 4096000",
    'name = env.get("TOKEN_NAME") or "default-name"',
    "Bearer 5eb4223e-5008-46e5-be67-c7b8f2732305",
    '"ClientToken": "7b15f7f8-52a8-849d-384e-20b4c0de82dd"',
    '"LockToken":"2294b3a1-eb60-4aa0-a86f-a3ae04329de9"',
    'learned to pass "-v/-q" on',
    "then pass `--config-claude` to it",
    "<secretRef>{settings file}</secretRef>",
]


@pytest.mark.parametrize(("payload", "secret"), FLAGGED)
def test_flags_the_value(payload: str, secret: str) -> None:
    found = {span.value for rules in RULES for span in rules.find(payload.encode())}
    assert secret.encode() in found


@pytest.mark.parametrize("payload", NEAR_MISSES)
def test_leaves_near_misses(payload: str) -> None:
    assert [span for rules in RULES for span in rules.find(payload.encode())] == []


def test_an_environment_file_goes_value_by_value() -> None:
    text = f"DEBUG=1\nDB_PASSWORD={PASSWORD}\nPORT=8080\nAPI_TOKEN={TOKEN}\n".encode()
    found = {span.value for rules in RULES for span in rules.find(text)}
    assert found == {PASSWORD.encode(), TOKEN.encode()}
