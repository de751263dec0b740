"""Clouds: pairs, session tokens, signatures, service accounts.

Formats: AWS IAM identifiers and Signature Version 4, Amazon Bedrock API keys, Google OAuth and service-account keys,
Azure storage connection strings, as their documentation shows them.
"""

# ruff: noqa: E501 -- samples stand on one line, as they are met

import base64

from tests.redaction.dice import ALNUM, BASE32, BASE64, URLSAFE, Dice
from tests.redaction.kinds import Kind, Secret, in_context, secret, token
from tests.redaction.pem import pkcs8


def _key_id(dice: Dice) -> str:
    return dice.pick(["AKIA", "AKIA", "ASIA"]) + dice.chars(BASE32, 16)


def _secret_key(dice: Dice) -> str:
    return dice.pick(ALNUM) + dice.chars(BASE64, 38) + dice.pick(ALNUM)


def _session_token(dice: Dice) -> str:
    """Base64 that begins with what today's or yesterday's tokens hold first."""
    start = dice.pick(["IQoJb3JpZ2luX2VjE", "IQoJb3JpZ2luX2VjE", "FwoGZXIvYXdzE"])
    return start + dice.base64(dice.pick([240, 480, 720]))[len(start) :]


def _signature(dice: Dice) -> Secret:
    return secret(_key_id(dice), dice.hex(64))


def _bedrock(dice: Dice) -> str:
    """Long-term: ABSK and base64 of a name and a secret; short-term: a presigned URL in base64."""
    if dice.random() < 0.5:
        name = f"BedrockAPIKey-{dice.hex(4)}-at-{dice.digits(12)}:".encode()
        return "ABSK" + base64.b64encode(name + dice.chars(BASE64, 44).encode()).decode()
    url = (
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={_key_id(dice)}%2F20260301%2Fus-east-1%2Fbedrock%2Faws4_request"
        f"&X-Amz-Date=20260301T101010Z&X-Amz-Expires=43200&X-Amz-Signature={dice.hex(64)}&Version=1"
    )
    return "bedrock-api-key-" + base64.b64encode(url.encode()).decode()


def _ya29(dice: Dice) -> str:
    return f"ya29.{dice.pick(['a0A', 'c.b0A', 'A0A'])}{dice.chars(URLSAFE, dice.randint(120, 200))}{dice.pick(ALNUM)}"


def _service_account(dice: Dice) -> Secret:
    pem, lines = pkcs8(dice)
    return secret(pem.replace("\n", "\\n"), dice.hex(40), fragments=lines)


_CREDENTIALS_FILE = "[default]\naws_access_key_id = <0>\naws_secret_access_key = <1>\nregion = <region>"
_SERVICE_ACCOUNT = (
    '{\n  "type": "service_account",\n  "project_id": "<app>-<n>",\n  "private_key_id": "<1>",\n  "private_key": "<0>",\n'
    '  "client_email": "<app>@<app>-<n>.iam.gserviceaccount.com",\n  "client_id": "1234567890",\n'
    '  "token_uri": "https://oauth2.googleapis.com/token"\n}'
)
_SIGNED = "Credential=<0>/20260301/<region>/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=<1>"
_QUERY = "X-Amz-Credential=<0>%2F20260301%2F<region>%2Fs3%2Faws4_request&X-Amz-Date=20260301T101010Z&X-Amz-Expires=900"

KINDS = (
    Kind(
        "aws-pair",
        lambda dice: secret(_key_id(dice), _secret_key(dice)),
        (
            _CREDENTIALS_FILE,
            "AWS_ACCESS_KEY_ID=<0>\nAWS_SECRET_ACCESS_KEY=<1>",
            'export AWS_ACCESS_KEY_ID="<0>"\nexport AWS_SECRET_ACCESS_KEY="<1>"\nexport AWS_DEFAULT_REGION=<region>',
            '{"Credentials": {"AccessKeyId": "<0>", "SecretAccessKey": "<1>", "Expiration": "2026-03-01T10:00:00Z"}}',
            's3 = boto3.client("s3", aws_access_key_id="<0>", aws_secret_access_key="<1>")',
            'provider "aws" {\n  region     = "<region>"\n  access_key = "<0>"\n  secret_key = "<1>"\n}',
            "const creds = { accessKeyId: '<0>', secretAccessKey: '<1>' };",
            "the pair is <0> / <1>",
        ),
        shaped=False,
    ),
    in_context(
        "aws-secret",
        lambda dice: secret(_secret_key(dice)),
        "AWS_SECRET_ACCESS_KEY=<0>",
        "aws_secret_access_key = <0>",
        '    "SecretAccessKey": "<0>",',
        "aws configure set aws_secret_access_key <0>",
        "session = boto3.Session(aws_secret_access_key='<0>')",
        "  secretAccessKey: <0>",
        "The AWS secret access key is <0>, please put it into CI.",
    ),
    token("aws-key-id", _key_id, "AWS_ACCESS_KEY_ID"),
    in_context(
        "aws-session-token",
        lambda dice: secret(_session_token(dice)),
        "AWS_SESSION_TOKEN=<0>",
        'export AWS_SESSION_TOKEN="<0>"',
        '        "SessionToken": "<0>",',
        "aws_session_token = <0>",
        "x-amz-security-token: <0>",
    ),
    in_context(
        "sigv4",
        _signature,
        f"Authorization: AWS4-HMAC-SHA256 {_SIGNED}",
        f"DEBUG botocore.auth: 'Authorization': b'AWS4-HMAC-SHA256 {_SIGNED}'",
        f'{{"authorization": "AWS4-HMAC-SHA256 {_SIGNED}", "x-amz-date": "20260301T101010Z"}}',
        f"> authorization: AWS4-HMAC-SHA256 {_SIGNED}",
    ),
    in_context(
        "presigned-url",
        _signature,
        f"https://<app>.s3.<region>.amazonaws.com/report.csv?X-Amz-Algorithm=AWS4-HMAC-SHA256&{_QUERY}&X-Amz-SignedHeaders=host&X-Amz-Signature=<1>",
        f"wget 'https://s3.<region>.amazonaws.com/<app>/dump.sql.gz?X-Amz-Algorithm=AWS4-HMAC-SHA256&{_QUERY}&X-Amz-SignedHeaders=host&X-Amz-Signature=<1>'",
        f'{{"url": "https://<app>.s3.amazonaws.com/a.zip?{_QUERY}&X-Amz-Signature=<1>"}}',
    ),
    token("bedrock", _bedrock, "AWS_BEARER_TOKEN_BEDROCK"),
    token(
        "gcp-access",
        _ya29,
        "GOOGLE_OAUTH_ACCESS_TOKEN",
        '{\n  "access_token": "<0>",\n  "expires_in": 3599,\n  "token_type": "Bearer"\n}',
    ),
    Kind(
        "gcp-service-account",
        _service_account,
        (
            _SERVICE_ACCOUNT,
            'GOOGLE_CREDENTIALS={"type":"service_account","project_id":"<app>","private_key":"<0>","client_email":"a@b.c"}',
        ),
    ),
    token(
        "gcp-client-secret",
        lambda dice: f"GOCSPX-{dice.chars(URLSAFE, 27)}{dice.pick(ALNUM)}",
        "GOOGLE_CLIENT_SECRET",
        '{"installed":{"client_id":"<acct>-<word>.apps.googleusercontent.com","client_secret":"<0>"}}',
    ),
    in_context(
        "azure-storage",
        lambda dice: secret(dice.base64(64)),
        "DefaultEndpointsProtocol=https;AccountName=<app>store;AccountKey=<0>;EndpointSuffix=core.windows.net",
        'AZURE_STORAGE_CONNECTION_STRING="DefaultEndpointsProtocol=https;AccountName=<app>;AccountKey=<0>;EndpointSuffix=core.windows.net"',
        "AZURE_STORAGE_KEY=<0>",
        "az storage blob list --account-name <app>store --account-key <0> -c backups",
        '  "AccountKey": "<0>"',
    ),
)
