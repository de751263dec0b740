"""Values before their name, or beside another value: comparisons, assignments of several, keys of ciphers."""

import re
from typing import override

from recorder.redact.generated import is_generated, is_hex_key, is_uuid
from recorder.redact.guards import is_made_up, is_random, is_word
from recorder.redact.rules.assignments import Named, name_at
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keynames import KEYWORD, Sort, sort_of
from recorder.redact.rules.pairs import Behind
from recorder.redact.rules.values import is_public, is_secret
from recorder.redact.spans import Rank

_QUOTED = r"(?:\"([^\"\n]{4,})\"|'([^'\n]{4,})')"
_ANY = r"(?:\"[^\"\n]{0,80}\"|'[^'\n]{0,80}'|[A-Za-z0-9_.]{1,24})"
_NO_KEY = re.compile(
    rb"(?i)(?:sha|md|hs|rs|es|ps|aes|des|rc|utf|hmac|ascii|base|hex|latin|pkcs|iso|gcm|cbc|ecb)[-_/A-Z0-9]*"
)


class Compared(Behind):
    """`if ("…".equals(password))`, `"…" == password`."""

    pattern = (
        _QUOTED + r"(?:\s{0,2}[=!]==?\s{0,2}|\.(?:equals|equalsIgnoreCase|contentEquals|compareTo)\(\s{0,2})"
        r"[A-Za-z0-9_.>$-]{0,40}" + KEYWORD
    )
    prefilter = (
        r"(?:[=!]=\s{0,2}|(?:equals|equalsIgnoreCase|contentEquals|compareTo)\(\s{0,2})[A-Za-z0-9_.>$-]{0,40}"
        + KEYWORD,
    )


class ComparedTo(Named):
    """`password.equals("…")`, `expect(apiKey).toBe("…")`."""

    pattern = (
        KEYWORD
        + r"[A-Za-z0-9_]{0,24}(?:\(\))?\)?\s{0,2}\.(?:equals(?:IgnoreCase)?|Equals|contentEquals|compareTo|isEqualTo"
        r"|toBe|toEqual|toStrictEqual|eq|eql\?)\(\s{0,2}" + _QUOTED
    )

    @override
    def accepts(self, place: Place) -> bool:
        called = re.split(rb"[().]", place.text[place.at : place.at + 64], maxsplit=1)[0]
        return is_secret(place.value, sort_of(name_at(place.text[: place.at + len(called)], place.at)), quoted=True)


class Several(Named):
    """`user, password = "ada", "…"`, `const name, apiToken string = "ada", "…"`."""

    pattern = (
        KEYWORD + r"[A-Za-z0-9_]{0,24}(?:,\s?[A-Za-z0-9_]{1,24}){0,2}(?:\s[A-Za-z]{1,16})?\s{0,2}:?=\s{0,2}"
        r"(?:" + _ANY + r",\s{0,2}){1,3}" + _QUOTED
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        made = is_made_up(value) or is_generated(value) or is_random(value) or is_hex_key(value)
        return made and sort_of(name_at(place.text, place.at)) is not Sort.NONE and not is_public(value)


class Default(Named):
    """`API_TOKEN = os.getenv("TOKEN", "…")`: what stands in when the environment has none."""

    pattern = (
        KEYWORD + r"[A-Za-z0-9_\"'\]]{0,24}(?::\s?[A-Za-z]{1,16}\s?)?\s{0,2}(?::?=|:|=>)\s{0,2}[A-Za-z0-9_.:\[\]]{0,24}"
        r"(?i:getenv|env|environ\.get|fetch|getProperty|get|default|lookup)\(\s{0,2}\\?[\"'][A-Za-z0-9_.:-]{1,60}\\?[\"'],\s{0,2}"
        r"\\?[\"']([^\"'\n\\]{6,})\\?[\"']"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value, sort = place.value, sort_of(name_at(place.text, place.at))
        if sort is Sort.NONE or is_public(value):
            return False
        numbered = bool(re.fullmatch(rb"[A-Za-z0-9]+", value) and re.search(rb"[A-Za-z][0-9]|[0-9][A-Za-z]", value))
        return numbered or is_secret(value, sort, quoted=True)


class CipherKey(Rule):
    """The key that is handed to a cipher or a signature: `jwt.sign(payload, "…")`, `createHmac("sha256", "…")`."""

    # https://github.com/auth0/node-jsonwebtoken, https://pyjwt.readthedocs.io, https://nodejs.org/api/crypto.html,
    # https://www.php.net/manual/function.hash-hmac.php, https://docs.python.org/3/library/hmac.html,
    # https://docs.oracle.com/javase/8/docs/api/javax/crypto/spec/SecretKeySpec.html, https://cryptojs.gitbook.io
    kind = "secret"
    rank = Rank.CONTEXT
    pattern = (
        r"(?:\b(?:jwt|JWT|jsonwebtoken)\.(?:sign|verify|encode|decode)\s?\(\s{0,8}[^,\"'\n]{1,80},\s{0,8}"
        r"|\bcreateHmac\(\s{0,4}[\"'][A-Za-z0-9-]{2,16}[\"'],\s{0,4}|\bcreateSecretKey\(\s{0,4}"
        r"|\bhash_hmac\(\s{0,4}[\"'][a-z0-9-]{2,16}[\"'],[^,\n]{1,80},\s{0,4}|\bhmac\.new\(\s{0,4}b?"
        r"|\bSecretKeySpec\(\s{0,4}|\bKeys\.hmacShaKeyFor\(\s{0,4}|\bCryptoJS\.[A-Za-z0-9]{2,12}\.(?:en|de)crypt\([^,\n]{1,80},\s{0,4}"
        r"|\bOpenSSL::HMAC\.(?:hex)?digest\([^,\n]{1,60},\s{0,4})" + _QUOTED
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        if is_word(value) or is_public(value) or _NO_KEY.fullmatch(value):
            return False
        return is_uuid(value) or is_hex_key(value) or is_secret(value, Sort.PASSWORD, quoted=True) or is_random(value)


RULES = (Compared(), ComparedTo(), Several(), Default(), CipherKey())
