"""Credentials in headers and addresses that stand in a text."""

import re
from typing import override

from recorder.redact.generated import is_generated, is_hex_key, is_uuid
from recorder.redact.guards import is_attribute, is_code, is_filler, is_identifier, is_random, is_reference, is_word
from recorder.redact.rules.base import Place, Rule
from recorder.redact.runs import decode_base64, is_text
from recorder.redact.spans import Rank


class ConnectionPassword(Rule):
    """The password in `scheme://user:password@host`, which may have an `@` of its own."""

    # RFC 3986 §3.2.1 (userinfo); PostgreSQL, MongoDB, Redis and AMQP URIs have the same form
    kind = "connection-password"
    rank = Rank.CONTEXT
    # The scheme itself is not matched: counting its letters makes RE2 slow on long base64.
    pattern = r"[A-Za-z0-9]://[^\s/:\"'<>`\\]{0,128}:([^\s/\"'<>`]{1,256})@[A-Za-z0-9\[_$%{-]"

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        spoken = is_word(value) or value.lower() in (b"pass", b"pwd", b"pw", b"p", b"password1")
        port = len(value) <= 5 and value.isdigit()
        filler = is_filler(value) and not re.search(rb"[0-9]", value)
        return len(value) >= 4 and not (port or is_reference(value) or filler or spoken)


class UserToken(Rule):
    """A token in the place of a user's name: `https://TOKEN@host`, `https://TOKEN:x-oauth-basic@github.com`."""

    # https://github.blog/news-insights/the-library/easier-builds-and-deployments-using-git-over-https-and-oauth/
    kind = "url-token"
    rank = Rank.CONTEXT
    pattern = r"[A-Za-z0-9]://([A-Za-z0-9_.-]{20,128})(?::(?:x-oauth-basic)?)?@[A-Za-z0-9\[]"

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return (is_generated(value) or is_hex_key(value)) and not is_filler(value)


class AuthorizationHeader(Rule):
    """`Authorization: Bearer …`, `Authorization: Basic …`, and the same in code, and a bare `Bearer …`."""

    # RFC 9110 §11.6.2, RFC 6750 §2.1, RFC 7617
    kind = "bearer-token"
    rank = Rank.CONTEXT
    pattern = (
        r"(?i)(?:authorization|x-api-key|x-auth-token|private-token|job-token)[\"']?\s{0,4}[:=,]\s{0,4}[\"'`]?"
        r"(?:(?:bearer|basic|token|apikey|api-key|bot|key|oauth|ssws|snowflake|zoho-oauthtoken|genie-?key|aivenv1)\s+)?([A-Za-z0-9+/=_.~:-]{8,})"
        r"|\b(?:bearer|basic|ssws|oauth)\s+([A-Za-z0-9+/=_.~-]{16,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        if is_uuid(value):
            return not place.text[place.at : place.at + 6].lower().startswith((b"bearer", b"basic"))
        if place.text[place.at : place.at + 5].lower() == b"oauth" and not (is_generated(value) or is_hex_key(value)):
            return False  # a sentence about OAuth
        if value.startswith(b"."):
            return False  # a call on the next line
        if not re.search(rb"[0-9]", value) and b"." in value and is_code(value):
            return False
        spoken = is_word(value) or is_reference(value) or is_filler(value) or is_identifier(value) or b"::" in value
        listed = b"," in place.text[place.at : place.start]  # names in a row, unless there is a digit
        mixed = value.lower() != value and value.upper() != value and not listed
        return not (spoken or is_attribute(value)) and (
            bool(re.search(rb"[0-9]", value)) or (len(value) >= 20 and mixed)
        )


class Cookie(Rule):
    """Cookies of a header: all of `Cookie`, the first pair of `Set-Cookie`."""

    # RFC 6265 §4.1, §4.2
    kind = "cookie"
    rank = Rank.CONTEXT
    pattern = (
        r"(?i)\bset-cookie[\"']?\s{0,4}[:,]\s{0,4}[\"'`]?[!#$%&*+.^_|~0-9a-z-]{1,64}=([^\s;\"'`,]{8,})"
        r"|\bcookie[\"']?\s{0,4}[:,]\s{0,4}[\"'`]?([!#$%&*+.^_|~0-9a-z-]{1,64}=[^\s;\"'`,]*(?:;\s?[^\s;=\"'`]{1,64}=[^\s;\"'`]*)*)"
        r"|(?:curl|wget)\b[^\n]{0,200}?\s(?:-b|--cookie)[ =]?[\"']?([!#$%&*+.^_|~0-9a-z-]{1,64}=[^\"'\n]{8,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return any(_is_session(pair.partition(b"=")[2] or pair) for pair in value.split(b";"))


def _is_session(shown: bytes) -> bool:
    """Say whether a cookie's value is more than a preference."""
    shown = shown.partition(b"\\")[0]
    if is_reference(shown) or is_filler(shown) or b"(" in shown:
        return False
    return len(shown) >= 16 or (len(shown) >= 6 and any(48 <= byte <= 57 for byte in shown))


class SessionValue(Rule):
    """The value of a session cookie by its name, outside of a header: `cookies = {"session": "…"}`."""

    # RFC 6265 §4.2; the names are those of Django, PHP, Java servlets, Express, ASP.NET and Flask
    kind = "cookie"
    rank = Rank.CONTEXT
    pattern = (
        r"(?:\b(?i:cookies?)\b[^\n]{0,80}?[\"']?[A-Za-z0-9_.-]{0,24}(?i:sess|sid|auth|csrf|xsrf|remember)[A-Za-z0-9_.-]{0,24}"
        # `sessionId` in camel case is an id of an interface, which stays.
        r"|\b(?:sessionid|csrftoken|(?i:phpsessid|jsessionid|connect\.sid|asp\.net_sessionid|xsrf-token)))"
        r"[\"']?\s{0,2}[:=,]\s{0,2}[\"']?([A-Za-z0-9%._~+/=-]{16,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return _is_session(value) and is_random(value) and not is_identifier(value)


class CookieMember(Rule):
    """`{"name": "sid", "value": "…"}` as browsers export cookies, and a line of a cookie jar."""

    # https://developer.chrome.com/docs/extensions/reference/api/cookies, https://curl.se/docs/http-cookies.html
    kind = "cookie"
    rank = Rank.CONTEXT
    pattern = (
        r"(?i)[\"']name[\"']\s{0,4}:\s{0,4}[\"'][a-z0-9_.-]{0,24}(?:sess(?:ion)?(?:_?id)?|sid|auth)[a-z0-9_.-]{0,12}[\"']\s{0,4},\s{0,24}"
        r"[\"']value[\"']\s{0,4}:\s{0,4}[\"']([^\s\"']{16,})[\"']"
        r"|\t(?:TRUE|FALSE)\t/[^\s]{0,80}\t(?:TRUE|FALSE)\t[0-9]{1,12}\t[^\s]{1,64}\t([^\s\"']{16,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return _is_session(place.value) and (is_generated(place.value) or is_hex_key(place.value))


class DockerAuth(Rule):
    """`{"auths": {"registry": {"auth": "…"}}}`: base64 of name and password."""

    # https://docs.docker.com/reference/cli/docker/login/#credential-stores
    kind = "basic-auth"
    rank = Rank.CONTEXT
    pattern = r"[\"']?\b_?auth[\"']?\s{0,4}[:=]\s{0,4}[\"']?([A-Za-z0-9+/]{8,}={0,2})"

    @override
    def accepts(self, place: Place) -> bool:
        decoded = decode_base64(place.value)
        return b":" in decoded[1:-1] and is_text(decoded, share=1.0)


RULES = (
    ConnectionPassword(),
    UserToken(),
    AuthorizationHeader(),
    Cookie(),
    SessionValue(),
    CookieMember(),
    DockerAuth(),
)
