"""What has no prefix: passwords wherever people put them, cookies, bearer values, keys in armour."""

import base64
import json
from collections.abc import Callable

from tests.redaction.dice import ALNUM, URLSAFE, Dice
from tests.redaction.kinds import Kind, Secret, in_context, secret, token
from tests.redaction.pem import ec, openssh, pkcs8, rsa


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _jwt(dice: Dice) -> str:
    head = {"alg": dice.pick(["HS256", "RS256", "ES256"]), "typ": "JWT"}
    claims = {"sub": dice.digits(10), "name": dice.pick(["Ada", "Alan"]), "iat": 1_770_000_000, "jti": dice.uuid()}
    return f"{_segment(head)}.{_segment(claims)}.{dice.chars(URLSAFE, dice.pick([42, 85, 341]))}{dice.pick(ALNUM)}"


def _opaque(dice: Dice) -> Secret:
    return secret(dice.pick([dice.hex(40), dice.chars(ALNUM, 32), dice.chars(URLSAFE, 43) + "A", dice.hex(64)]))


def _basic(dice: Dice) -> Secret:
    return secret(base64.b64encode(f"{dice.pick(['admin', 'deploy', 'svc'])}:{dice.password()}".encode()).decode())


def _url_password(dice: Dice) -> Secret:
    """A password that needs no percent-encoding in a URL, or has it."""
    return secret(dice.password().replace("@", "%40").replace("#", "%23").replace("^", "%5E"))


def _password(dice: Dice) -> Secret:
    return secret(dice.password())


def _shell_password(dice: Dice) -> Secret:
    """Without what a shell would take for its own."""
    return secret(dice.password().replace("!", "x").replace("#", "7").replace("*", "K").replace("~", "q"))


def _cookie(dice: Dice) -> Secret:
    return secret(
        dice.pick([dice.hex(32), dice.chars(ALNUM, 26).lower(), f"s%3A{dice.chars(ALNUM, 32)}.{dice.chars(ALNUM, 43)}"])
    )


def _kubernetes(dice: Dice) -> Secret:
    password = dice.password()
    coded = base64.b64encode(password.encode()).decode()
    return secret(coded, fragments=(coded, password))


def _key(make: Callable[[Dice], tuple[str, tuple[str, ...]]]) -> Callable[[Dice], Secret]:
    def made(dice: Dice) -> Secret:
        pem, lines = make(dice)
        return secret(pem, fragments=lines)

    return made


def _private_key(name: str, make: Callable[[Dice], tuple[str, tuple[str, ...]]]) -> Kind:
    templates = ("$ cat ~/.ssh/id_<app>\n<0>", "<0>", "here is the key:\n\n<0>\n\nplease install it on <host>")
    return Kind(name, _key(make), templates)


_MANIFEST = (
    "apiVersion: v1\nkind: Secret\nmetadata:\n  name: <app>-credentials\n  namespace: <word>\ntype: Opaque\ndata:\n"
)

KINDS = (
    token(
        "jwt", _jwt, "ID_TOKEN", "Authorization: Bearer <0>", "https://app.example.com/callback?state=<n>&id_token=<0>"
    ),
    in_context(
        "bearer",
        _opaque,
        "Authorization: Bearer <0>",
        "curl -H 'Authorization: Bearer <0>' https://<host>/api/v2/users",
        'headers={"Authorization": "Bearer <0>", "Accept": "application/json"}',
        "> authorization: bearer <0>",
        'req.Header.Set("Authorization", "Bearer <0>")',
    ),
    in_context(
        "basic-auth",
        _basic,
        "Authorization: Basic <0>",
        "curl -H 'Authorization: Basic <0>' https://<host>/artifactory/api",
        '"headers": {"Authorization": "Basic <0>"}',
        '{"auths": {"<host>": {"auth": "<0>"}}}',
    ),
    in_context(
        "database-url",
        _url_password,
        "DATABASE_URL=postgres://<user>:<0>@<host>:5432/<app>",
        "postgresql+asyncpg://<user>:<0>@<host>/<app>?sslmode=require",
        'engine = create_engine("mysql+pymysql://<user>:<0>@<host>:3306/<app>")',
        "mongodb+srv://<user>:<0>@<word>.mongodb.net/<app>?retryWrites=true&w=majority",
        "jdbc:mysql://<host>:3306/<app>?user=<user>&password=<0>&useSSL=true",
        "could not connect to postgres://<user>:<0>@<host>:5432/<app>: timeout",
        "Server=<host>;Database=<app>;User Id=<user>;Password=<0>;Encrypt=True;",
        "host=<host> port=5432 dbname=<app> user=<user> password=<0> sslmode=require",
    ),
    in_context(
        "broker-url",
        _url_password,
        "CELERY_BROKER_URL=amqp://<user>:<0>@<host>:5672/<app>",
        "REDIS_URL=redis://:<0>@<host>:6379/0",
        "rediss://default:<0>@<host>:6380",
        "  url: amqps://<user>:<0>@<host>/<word>",
        "ftp://<user>:<0>@<host>/incoming/",
        "git clone https://<user>:<0>@git.example.com/acme/<app>.git",
    ),
    in_context(
        "env-password",
        _password,
        "DB_PASSWORD=<0>",
        'export ADMIN_PASSWD="<0>"',
        "SMTP_PASS='<0>'",
        "SESSION_SECRET=<0>",
        "MYSQL_ROOT_PASSWORD: <0>",
        "<app>_encryption_key=<0>",
        "SECRET_KEY_BASE=<0>",
        "REDIS_AUTH=<0>",
        "APP_PWD=<0>",
        "KEYSTORE_PASSPHRASE=<0>",
        "spring.datasource.password=<0>",
        "  - POSTGRES_PASSWORD=<0>",
        "      - name: API_SECRET\n        value: <0>",
        "requirepass <0>",
        "machine <host> login <user> password <0>",
    ),
    in_context(
        "code-password",
        _password,
        'password = "<0>"',
        "    'password' => '<0>',",
        'conn = psycopg2.connect(host="<host>", user="<user>", password="<0>")',
        'private static final String DB_PASSWORD = "<0>";',
        "const dbPassword = '<0>';",
        'cfg.Password := "<0>"',
        'connection = mysql.connector.connect(user="<user>", passwd="<0>", database="<app>")',
        'requests.get(url, auth=("<user>", "<0>"))',
        "define('DB_PASSWORD', '<0>');",
        'let api_secret: &str = "<0>";',
        "$mysqli = new mysqli('<host>', '<user>', '<0>', '<app>');",
        'ssh.connect("<host>", username="<user>", password="<0>")',
        '"client_secret": "<0>",',
        "<password><0></password>",
        'smtp.login("<user>@example.com", "<0>")',
    ),
    in_context(
        "command-password",
        _shell_password,
        "mysql -u <user> -p<0> <app> < dump.sql",
        "mysqldump --user=<user> --password=<0> <app>",
        "sshpass -p <0> ssh <user>@<host>",
        "sshpass -p '<0>' scp dump.sql <user>@<host>:/srv",
        "PGPASSWORD=<0> psql -h <host> -U <user> <app>",
        "docker login -u <user> -p <0> registry.example.com",
        "curl -u <user>:<0> https://<host>/api",
        "redis-cli -h <host> -a <0> ping",
        "openssl pkcs12 -in cert.p12 -passin pass:<0> -nodes",
        "echo '<user>:<0>' | sudo chpasswd",
        "helm install <app> ./chart --set auth.password=<0>",
        "mongosh --host <host> -u <user> -p <0> admin",
        "wget --user=<user> --password='<0>' https://<host>/file.tgz",
        "ansible-playbook site.yml -e ansible_become_pass=<0>",
        "net use Z: \\\\<app>\\share /user:<user> <0>",
    ),
    in_context(
        "prose-password",
        _password,
        "the password is <0>",
        "The admin password for <host> is: <0>",
        "You can log in as <user> with password <0> until Friday.",
        "username: <user>\npassword: <0>",
        "My wifi password is `<0>`, use it for the setup.",
        "login with <user> / password <0>",
        'use the passphrase "<0>" to unlock it',
        "Das Passwort lautet <0>",
        "credentials: <user> / <0>",
        "pw: <0>",
    ),
    in_context(
        "cookie",
        _cookie,
        "Cookie: theme=dark; sessionid=<0>; lang=en",
        "Set-Cookie: connect.sid=<0>; Path=/; HttpOnly; Secure",
        "Set-Cookie: JSESSIONID=<0>; Path=/<app>; HttpOnly",
        "curl -b 'PHPSESSID=<0>' https://<host>/account",
        'cookies = {"session": "<0>"}',
        "cookie: _ga=GA1.2.123.456; auth_token=<0>",
    ),
    in_context(
        "kubernetes-secret",
        _kubernetes,
        f"{_MANIFEST}  password: <0>",
        f"{_MANIFEST}  username: YWRtaW4=\n  db-password: <0>",
        '{"apiVersion": "v1", "kind": "Secret", "data": {"token": "<0>"}, "metadata": {"name": "<app>"}}',
    ),
    _private_key("rsa-key", rsa),
    _private_key("pkcs8-key", pkcs8),
    _private_key("ec-key", ec),
    _private_key("openssh-key", openssh),
)
