"""Credentials of AWS, Google Cloud and Azure."""

import re
from typing import override

from recorder.redact.generated import is_generated
from recorder.redact.guards import is_filler, is_random
from recorder.redact.rules.base import Place, Rule

_BESIDE_BYTES = 200
_CLIENT_SECRET = re.compile(
    rb"GOCSPX-[A-Za-z0-9_-]{20}|(?i:client_?secret)[\"']?\s{0,2}[:=]\s{0,2}[\"']?[A-Za-z0-9_-]{12}"
    rb"|(?<![A-Za-z0-9_.-])([A-Za-z0-9_-]{24})(?![A-Za-z0-9_.-])"
)


class AwsAccessKeyId(Rule):
    """AWS access key ids; they name the key's owner and go with the rest."""

    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes (AKIA, ASIA, …)
    kind = "aws-access-key-id"
    pattern = r"(?:^|[^A-Za-z0-9])((?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16})(?:[^A-Za-z0-9]|$)"

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return not is_filler(value) and len(set(value[4:])) > 1


class AwsSecretKey(Rule):
    """AWS secret access keys: 40 base64 characters after a word that says so, or after an access key id."""

    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html; lengths as in git-secrets
    kind = "aws-secret-key"
    pattern = (
        r"(?:(?i:aws|amazon|secret|sak)[^\n]{0,60}?|(?:AKIA|ASIA)[A-Z0-9]{16}(?:[^A-Za-z0-9+/][\s\S]{0,120}?)??"
        r"|GOOG[A-Z0-9]{20,57}(?:[^A-Za-z0-9+/][\s\S]{0,120}?)??)"
        r"[^A-Za-z0-9/+]([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        mixed = all(re.search(one, value) for one in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
        made = mixed and is_random(value) and not re.fullmatch(rb"[0-9a-fA-F]+", value)
        path = value.count(b"/") >= 3 and all(re.fullmatch(rb"[A-Za-z]*[0-9]*", part) for part in value.split(b"/"))
        return made and not path and not is_filler(value)


class AwsSessionToken(Rule):
    """Session tokens of AWS STS; they begin with a few known bytes in base64."""

    # https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html; prefixes as STS hands them out
    kind = "aws-session-token"
    pattern = r"\b((?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|AQoDYXdz)[A-Za-z0-9+/_%-]{40,}(?:=|%3D){0,2})"

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return b"EXAMPLE" not in value


class AwsSignature(Rule):
    """SigV4 signatures in an Authorization header or a presigned URL."""

    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    kind = "aws-signature"
    pattern = r"(?i)(?:SignedHeaders=[a-z0-9;_%-]+,?\s*Signature|X-Amz-Signature)(?:=|%3D)([0-9a-f]{64})"


class AwsQueryToken(Rule):
    """The session token of a presigned URL."""

    # https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    kind = "aws-session-token"
    pattern = r"(?i)X-Amz-Security-Token(?:=|%3D)([A-Za-z0-9+/=_%.~-]{16,})"


class BedrockKey(Rule):
    """Bedrock API keys, long-term and short-term, sent as bearer."""

    # https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html; a short-term key is base64 of a URL
    kind = "bedrock-api-key"
    pattern = r"\b(ABSK[A-Za-z0-9+/]{80,}={0,2}|bedrock-api-key-[A-Za-z0-9+/=_-]{40,})"


class GoogleAccessToken(Rule):
    """Google OAuth access and refresh tokens."""

    # https://cloud.google.com/docs/authentication/token-types: ya29.…; refresh tokens begin with `1//`
    kind = "google-oauth-token"
    pattern = r"\b(ya29\.[A-Za-z0-9_.-]{20,})|(?:^|[^A-Za-z0-9/:])(1//0[A-Za-z0-9_-]{30,})"


class GoogleClientSecret(Rule):
    """Google OAuth client secrets."""

    # https://developers.google.com/identity/protocols/oauth2: `GOCSPX-` and 28 characters
    kind = "google-client-secret"
    pattern = r"\bGOCSPX-[A-Za-z0-9_-]{20,}"


class AzureStorageKey(Rule):
    """Azure storage and service-bus keys in connection strings, and shared access signatures."""

    # https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage: 64 bytes in base64
    # https://learn.microsoft.com/rest/api/storageservices/create-service-sas: the `sig` parameter
    kind = "azure-storage-key"
    pattern = (
        r"(?i)(?:AccountKey|SharedAccessKey|AccessKey)=([A-Za-z0-9+/]{40,}={0,2})"
        r"|[?&](?:sv|se|sp|sr|spr|st|ss|srt)=[^\s\"']*?&sig=([A-Za-z0-9+/%_-]{40,}=?)"
    )


class AzureClientSecret(Rule):
    """Client secrets of Entra ID."""

    # https://learn.microsoft.com/entra/identity-platform/howto-create-service-principal-portal: three characters, a
    # digit, `Q~`, then 31 to 34
    kind = "azure-client-secret"
    pattern = r"(?:^|[^A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34})(?:[^A-Za-z0-9_~.-]|$)"


class AzureSignedKey(Rule):
    """Keys of Azure services that carry a signature at a fixed place, and so are known without a name beside them."""

    # https://github.com/microsoft/security-utilities (identifiable keys: bytes in base64, four characters before the
    # checksum that name the service) and, since 2023, "common annotated security keys" (`JQQJ9` after 52 characters)
    kind = "azure-api-key"
    pattern = (
        r"(?:^|[^A-Za-z0-9+/_-])((?:[A-Za-z0-9+/]{33}(?:AIoT|\+ASb|\+AEh|\+ARm|AzCa|AZEG)[A-Za-z0-9+/]{6}="
        r"|[A-Za-z0-9+/_-]{42}(?:AzSe|\+ACR|AzEG)[A-Za-z0-9+/_-]{6}|[A-Za-z0-9+/_-]{44}AzFu[A-Za-z0-9+/_-]{6}=="
        r"|[A-Za-z0-9+/]{76}(?:\+ASt|\+ABa|\+AMC|APIM|ACDb)[A-Za-z0-9+/]{6}=="
        r"|[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{23,30}={0,2}))(?:[^A-Za-z0-9+/_=-]|$)"
    )


class AzureDevOpsToken(Rule):
    """Personal access tokens of Azure DevOps as they were until 2024: 52 characters of base32."""

    # https://learn.microsoft.com/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate; other
    # tools write hashes of this length in alphabets with 0, 1, 8 or 9, which this one has not
    kind = "azure-devops-token"
    pattern = r"\b([a-z2-7]{52})(?:[^A-Za-z0-9+/=_-]|$)"
    prefilter = ("[a-z2-7]{52}",)

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return len(re.findall(rb"[2-7]", value)) >= 4 and len(set(value)) >= 15


class GoogleHmacKeyId(Rule):
    """Access ids of Cloud Storage's HMAC keys; like AWS's they go with the rest."""

    # https://cloud.google.com/storage/docs/authentication/hmackeys: `GOOG`, then 20 or 57 characters
    kind = "google-hmac-key-id"
    pattern = r"(?:^|[^A-Za-z0-9])(GOOG[A-Z0-9]{20,57})(?:[^A-Za-z0-9]|$)"

    @override
    def accepts(self, place: Place) -> bool:
        return bool(re.search(rb"[0-9]", place.value)) and not is_filler(place.value)


class AlibabaKeyId(Rule):
    """Alibaba Cloud access key ids: they identify, and go with the rest of the pair."""

    # https://www.alibabacloud.com/help/en/ram/user-guide/view-the-accesskey-pairs-of-a-ram-user: LTAI, then 12 to 26
    kind = "alibaba-access-key-id"
    pattern = r"\bLTAI(?:[A-Za-z0-9]{12}|[A-Za-z0-9]{16,20}|[A-Za-z0-9]{26})\b"


class GoogleSecretBelow(Rule):
    """A client secret of Google's older form right behind or below the id of its client."""

    # https://developers.google.com/identity/protocols/oauth2: 24 characters until 2021, without a prefix
    kind = "google-client-secret"
    pattern = r"\.apps\.googleusercontent\.com[\"']?[\s,;|:]{1,8}[\"']?([A-Za-z0-9_-]{24})(?:[^A-Za-z0-9_.-]|$)"

    @override
    def accepts(self, place: Place) -> bool:
        return is_generated(place.value)


class GoogleClientId(Rule):
    """The id of a Google OAuth client beside its secret: it names the client and goes with the rest of the pair."""

    # https://developers.google.com/identity/protocols/oauth2: the project's number, `-`, 32 characters
    kind = "google-client-id"
    pattern = r"\b[0-9]{8,16}-[a-z0-9]{32}\.apps\.googleusercontent\.com\b"

    @override
    def accepts(self, place: Place) -> bool:
        beside = place.text[max(0, place.start - _BESIDE_BYTES) : place.end + _BESIDE_BYTES]
        return any(not one.group(1) or is_generated(one.group(1)) for one in _CLIENT_SECRET.finditer(beside))


class AlibabaSecret(Rule):
    """Alibaba Cloud access key secrets: 30 characters behind the id that they belong to."""

    # https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair
    kind = "alibaba-secret-key"
    pattern = (
        r"\bLTAI[A-Za-z0-9]{12,26}[^A-Za-z0-9](?:[^\n]{0,80}\n?[^\n]{0,40}[^A-Za-z0-9+/_-])??"
        r"([A-Za-z0-9]{30})(?:[^A-Za-z0-9+/_=-]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return is_generated(place.value)


RULES = (
    AlibabaKeyId(),
    GoogleSecretBelow(),
    AwsSignature(),
    AwsQueryToken(),
    AwsSessionToken(),
    AwsAccessKeyId(),
    BedrockKey(),
    GoogleAccessToken(),
    GoogleClientSecret(),
    AzureStorageKey(),
    AzureClientSecret(),
    AzureSignedKey(),
    AzureDevOpsToken(),
    GoogleHmacKeyId(),
)
# Its pattern reads on over several lines, so it is not swept with the others, whose matches would hide in it.
PAIRED_RULES = (AwsSecretKey(), AlibabaSecret(), GoogleClientId())
