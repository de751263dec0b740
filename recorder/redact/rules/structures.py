"""Secrets that a structure around them gives away: JSON Web Keys, SQL, webhooks, NTLM."""

import re
from itertools import product
from typing import override

from recorder.redact.generated import is_generated, is_hex_key
from recorder.redact.guards import is_filler, is_reference, is_word
from recorder.redact.rules.base import Place, Rule
from recorder.redact.spans import Rank

_NEAR = 2000
# RE2 counts no farther than to 1,000 in nested repetitions.
_NUMBER = r"(?:(?:0x[0-9a-f]{1,2}|[0-9]{1,4})[\s,\\]{1,20})"
_SQL = re.compile(rb"\b(?:user|role|grant|password|login)\b")


class JsonWebKey(Rule):
    """The private members of a JSON Web Key; `n`, `e`, `x`, `y` are public."""

    # RFC 7518 §6.2.2 (EC: d), §6.3.2 (RSA: d, p, q, dp, dq, qi), §6.4.1 (oct: k)
    kind = "private-key"
    rank = Rank.CONTEXT
    pattern = r"[\"'](?:k|d|p|q|dp|dq|qi)[\"']\s{0,4}:\s{0,4}[\"']([A-Za-z0-9_-]{16,}={0,2})[\"']"
    prefilter = tuple(
        before + name + behind
        for name in ("k", "d", "p", "q", "dp", "dq", "qi")
        for before, behind in product("\"'", repeat=2)
    )

    @override
    def accepts(self, place: Place) -> bool:
        text = place.text
        around = text[max(0, place.at - _NEAR) : place.at] + text[place.end : place.end + _NEAR]
        if re.search(rb"[\"']kty[\"']", around):
            return True
        # A member that stands alone, as in a line that was cut out.
        return text.startswith(b"d", place.at + 1) and len(place.value) >= 43 and is_generated(place.value)


class DerKey(Rule):
    """Private keys in base64 of DER without their armour."""

    # RFC 8017 A.1.2 (RSA: SEQUENCE, INTEGER 0, …), RFC 5958 (PKCS#8), RFC 5915 (EC: P-256, P-384, P-521, secp256k1),
    # RFC 8410 (Ed25519, X25519, Ed448), in base64
    kind = "private-key"
    pattern = (
        r"\b(?:MII[A-Za-z0-9+/]{2}[AQgw]IBA[AD]|MHcCAQEE|MHQCAQEE|MIGkAgEBBD|MIHcAgEBBE"
        r"|MI(?:G[HTE2]|Hu)AgEAM(?:BMG|BAG)ByqGSM49|MC4CAQAwBQYDK2V[wu]|MEcCAQAwBQYDK2Vx)"
        r"(?:[A-Za-z0-9+/]|\\n|\r?\n[ \t]{0,16}){24,}={0,2}"
    )


class SqlPassword(Rule):
    """`IDENTIFIED BY '…'`, `IDENTIFIED WITH … AS '…'`, `WITH LOGIN PASSWORD '…'`."""

    # https://dev.mysql.com/doc/refman/8.4/en/create-user.html, https://www.postgresql.org/docs/current/sql-createrole.html,
    # Oracle's SQL reference, CREATE USER
    kind = "password"
    rank = Rank.CONTEXT
    pattern = (
        r"(?i)\bidentified\s{1,4}(?:with\s{1,4}[\"'`]?[a-z0-9_]{1,40}[\"'`]?\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?"
        r"(?:'([^'\n]{4,})'|\"([^\"\n]{4,})\")"
        # Without quotes only as a command: sentences say "identified by" too.
        r"|(?:create|alter)\s{1,4}user\b[^\n;]{1,120}?\bidentified\s{1,4}by\s{1,4}([^\s\"';]{4,})"
        r"|\b(?:create|alter)\s{1,4}(?:user|role)\b[^\n;]{0,120}?\bpassword\s{1,4}'([^'\n]{4,})'"
        r"|\bset\s{1,4}password\b[^\n;]{0,80}?=\s{0,4}(?:password\(\s{0,2})?'([^'\n]{4,})'"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        command = place.text[max(0, place.at - 160) : place.start].lower()
        if value.isalpha() and value.islower() and not _SQL.search(command):
            return False  # documentation: "a library identified by 'name'"
        return not (is_reference(value) or is_filler(value) or is_word(value))


class Webhook(Rule):
    """Addresses that let whoever has them post or run something: all of the address goes."""

    # https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors and Power Automate's HTTP triggers,
    # https://help.zapier.com (Webhooks by Zapier), https://help.make.com/webhooks, tines.com/docs
    kind = "webhook-url"
    pattern = (
        r"https?://(?:"
        r"[a-z0-9.-]{1,64}\.webhook\.office\.com/webhookb2/|outlook\.office\.com/webhook/"
        r"|[a-z0-9.-]{1,120}\.(?:environment\.api\.powerplatform|logic\.azure)\.com(?::[0-9]{1,5})?/"
        r"|hooks\.zapier\.com/hooks/(?:catch/)?|hook\.[a-z0-9.]{0,12}(?:make|integromat)\.com/"
        r"|[A-Za-z0-9.-]{1,64}\.tines\.(?:com|io)/webhook/)"
        r"[A-Za-z0-9_@/+.~%?&=-]{16,}"
    )


class NodeUrl(Rule):
    """Addresses of blockchain nodes: the last part of the path is the account's key."""

    # https://docs.infura.io, https://docs.alchemy.com, https://www.quicknode.com/docs, https://www.ankr.com/docs
    kind = "api-key"
    pattern = (
        r"(?i)\b(?:infura\.io|alchemy(?:api)?\.(?:io|com)|quiknode\.pro|ankr\.com|chainstack\.com|moralis\.io)"
        r"(?:/(?:ws|v[0-9]|[a-z_]{2,20}))*/([A-Za-z0-9_-]{24,64})(?:[^A-Za-z0-9_-]|$)"
    )


class SentryDsn(Rule):
    """The key in the address that Sentry's clients report to."""

    # https://docs.sentry.io/concepts/key-terms/dsn-explainer/
    kind = "sentry-dsn"
    rank = Rank.CONTEXT
    pattern = r"https?://([0-9a-f]{32}(?::[0-9a-f]{32})?)@[A-Za-z0-9.-]{1,120}/[0-9]{1,20}\b"


class TinkKey(Rule):
    """The key material in a cleartext keyset of Tink."""

    # https://developers.google.com/tink/design/keysets: KeyData has `value` in base64 beside its type
    kind = "private-key"
    rank = Rank.CONTEXT
    pattern = (
        r"type\.googleapis\.com/google\.crypto\.tink\.[A-Za-z0-9]{1,60}[\\\s\"',]{1,16}value[\\\s\"':]{2,16}"
        r"([A-Za-z0-9+/_-]{16,}={0,2})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return b"PublicKey" not in place.text[place.at : place.start]


class ByteArray(Rule):
    """A key written as its bytes: `AES_KEY = {0x35, 0x34, …}`, `Secret: []byte{33, 9, 100, …}`."""

    # 16 bytes are the shortest keys in use: AES-128, NIST FIPS 197
    kind = "secret"
    rank = Rank.CONTEXT
    pattern = (
        r"(?i)(?:secret|aes_?key|private_?key|secret_?key|encryption_?key|hmac_?key|signing_?key|master_?key|passphrase|password)"
        r"[a-z0-9_]{0,16}(?:\[[a-z0-9_]{0,16}\])?[\"']?\s{0,4}(?:[:=]{1,2}|=>)?\s{0,4}(?:new\s)?[a-z0-9_.\[\]]{0,16}\s{0,2}"
        r"[({\[]\s{0,8}(" + _NUMBER + r"{15,47}" + _NUMBER + r"{0,47}(?:0x[0-9a-f]{1,2}|[0-9]{1,3}))"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return len(set(re.findall(rb"0[xX][0-9A-Fa-f]+|[0-9]+", place.value))) >= 8


class LoginProperty(Rule):
    """`<property name="sonar.login" value="…"/>`, `getClientSecret(), equalTo("…")`, `Jenkins-Crumb: …`."""

    # https://docs.sonarsource.com/sonarqube (tokens of 40 hex digits in `sonar.login` and `sonar.token`),
    # https://www.jenkins.io/doc/book/security/csrf-protection/
    kind = "secret"
    rank = Rank.CONTEXT
    pattern = (
        r"(?i)\b(?:sonar[._](?:login|token)|jenkins-crumb|get(?:client)?(?:secret|token|apikey|accesskey)\(\)|oauth_signature"
        r"|dpop|x-vault-token|x-gitlab-token|crumb)"
        r"[\"']?[\s:=,)(]{1,8}(?:value=|equalTo\(|isEqualTo\(|is\()?[\"']?([A-Za-z0-9+/%_.=-]{20,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return not is_filler(value) and bool(re.search(rb"[0-9]", value)) and (is_hex_key(value) or is_generated(value))


class Mattermost(Rule):
    """Incoming webhooks of Mattermost and Rocket.Chat: whoever has the URL may post."""

    # https://developers.mattermost.com/integrate/webhooks/incoming/: /hooks/ and 26 characters
    kind = "webhook-url"
    pattern = r"https?://[A-Za-z0-9.:-]{1,120}/hooks/([a-z0-9]{26}|[A-Za-z0-9]{17,24}/[A-Za-z0-9]{32,64})\b"


class NtlmMessage(Rule):
    """NTLM and Kerberos messages in base64, as in `Authorization: NTLM …`."""

    # [MS-NLMP] §2.2 (the signature `NTLMSSP\0`), RFC 4559 §4 (Negotiate), RFC 4120 §5.4.1 by way of RFC 4178
    kind = "authorization"
    pattern = r"\b(TlRMTVNTUA[A-Za-z0-9+/]{16,}={0,2})|\b(?i:ntlm|negotiate)\s{1,4}([A-Za-z0-9+/]{16,}={0,2})"


RULES = (JsonWebKey(), SqlPassword(), SentryDsn(), TinkKey(), ByteArray(), LoginProperty())


class PasswordHash(Rule):
    """Hashes of passwords: whoever has one may guess at leisure."""

    # crypt(5): md5crypt and Apache's form (apr1), bcrypt, sha256crypt, sha512crypt, yescrypt; Cisco type 8 and 9;
    # https://github.com/P-H-C/phc-string-format (argon2); hashcat's form of Kerberos AS-REP and TGS hashes
    kind = "password-hash"
    pattern = (
        r"\$(?:(?:1|apr1)\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22}|2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}"
        r"|[56]\$(?:rounds=[0-9]{1,9}\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43,86}|y\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}"
        r"|[89]\$[./A-Za-z0-9]{14}\$[./A-Za-z0-9]{43}|argon2(?:id?|d)\$v=[0-9]+\$[a-z0-9=,]+\$[A-Za-z0-9+/]{8,}\$[A-Za-z0-9+/]{16,}"
        r"|krb5(?:asrep|tgs|pa)\$[0-9]{2}\$[^\s\"']{32,})"
    )


class OneTimeSecret(Rule):
    """The secret of one-time passwords alone on a line, as authenticators show it: base32."""

    # https://github.com/google/google-authenticator/wiki/Key-Uri-Format (RFC 3548 without padding), RFC 4226
    # §4: 128 bits or more; 80 bits (16 characters) are what most services hand out
    kind = "otp-secret"
    pattern = r"(?:^|[\n\"])[ \t]{0,16}([A-Z2-7]{16}|[A-Z2-7]{26}|[A-Z2-7]{32})[ \t]{0,16}(?:[\r\n\"]|$)"
    prefilter = ("[A-Z2-7]{16}",)

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        spread = re.search(rb"[2-7][A-Z]+[2-7]", value) is not None
        return spread and len(set(value)) >= 10 and not is_filler(value)


FORMAT_RULES = (Webhook(), NodeUrl(), Mattermost(), NtlmMessage(), DerKey(), PasswordHash(), OneTimeSecret())
