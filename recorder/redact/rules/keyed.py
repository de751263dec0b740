"""Random values beside a name that says little (`key`, `xyz_key`), a word, or the name of a service."""

import re
from typing import override

from recorder.redact.generated import is_counted, is_generated, is_hex_key, is_ordered, is_uuid
from recorder.redact.guards import classes, is_filler, is_identifier, is_key, is_snake
from recorder.redact.rules.assignments import ASSIGNS, name_at
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keynames import Sort, sort_of, words_of
from recorder.redact.rules.values import is_secret
from recorder.redact.spans import Rank

# Keys of tables, caches, dictionaries and requests, and those that are public.
_INDEXES = frozenset(
    """
    bucket cache column composite dedup dedupe dictionary entity event file foreign group hash hot i18n idempotency
    image index item join json lookup map message natural object partition path primary property pub public publishable
    query record registry response route routing row s3 schema sequence shard site sort state storage surrogate
    tag translation unique socket widget
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
_PROMISES = re.compile(rb"(?i)\b(?:api|auth|using|secret|credentials?|token|hmac|encrypt\w*|decrypt\w*)\b")
_WINDOW = 80
# What stands in front of a value that is an id, a digest or public whatever word is near it.
_LABELLED = re.compile(
    rb"(?i)(?:\b|_|-|[a-z])(?:ids?|version|hash|digest|e-?tag|sha-?[0-9]*|md5|arn|cursor|commit|rev(?:ision)?|integrity|h1|checksum"
    rb"|fingerprint|thumbprint|nonce"
    rb"|cache[ _-]key|from key)[\"'`]?[\s:=\"'`({-]{1,6}\Z|\bh1:\Z|PUBLIC KEY-----|public[ _-]key"
)
# Stripe's publishable keys and PostHog's project keys stand in web pages.
_PUBLIC = re.compile(rb"pk_(?:live|test)_|phc_")
_WORDS = re.compile(rb"[A-Z]?[a-z]{3,}(?:(?:[._/-][A-Z]?|[A-Z])[a-z]{2,})*[0-9]{0,2}|[A-Z]{3,}(?:[._/-][A-Z]{2,})*")
# `SECRET 3f…`, `api_key=3f…`: a digest is called otherwise.
_SURELY = re.compile(
    rb"(?i)(?:secret|(?:api|access|secret|auth|private)[ _-]?(?:key|token))[\"'`]?[ \t:=({-]{1,3}[\"'`]?\Z"
)
_SHORTEST_ASSIGNED, _LONGEST_ASSIGNED = 15, 160
# As the last word of a name: what it holds is public or stands for something else.
_ABOUT_ASSIGNED = frozenset(
    """
    id ids uuid guid hash digest sha md5 checksum etag version revision rev commit ref cursor url uri href src path file
    filename name alphabet chars charset characters letters digits base58 base62 base64 base32 pattern regex format
    template date time timestamp color colour class type model locale lang zone data content body text icon image svg
    font shader vector expected actual want got input output result
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
_FOLDER = re.compile(rb"[.~]{0,2}[a-z_-]*")
_HEX = re.compile(rb"[0-9a-f]{24,}|[0-9A-F]{24,}")
_FILE = re.compile(rb"\.[a-z]{2,5}[0-9]?\Z")
# `okhttp3-mockwebserver`; `web-app-AlarmLow-` and a UUID
_NAMES = re.compile(
    rb"[a-z]+[0-9]?(?:[-._][a-z]+[0-9]?)+|[a-z_]{4,24}\.[A-Z][A-Za-z0-9]{2,32}|(?:[A-Za-z]{2,24}-){2,8}[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
)
# CloudFormation's types of resources: `"AWS::IAM::AccessKey": "…"` is a line of a table.
_TYPE = re.compile(rb"\b[A-Z][A-Za-z0-9]*::[A-Z][A-Za-z0-9]*::[A-Za-z0-9]*[\"']?[\s:=\"']{1,6}\Z")
_ARN = re.compile(rb"\barn:[a-z-]{2,12}:\S*\Z")


class Keyed(Rule):
    """Base of the rules that rest on how random a value is."""

    kind = "secret"
    rank = Rank.CONTEXT


def is_opaque(value: bytes, *, least: int = 16) -> bool:
    """Say whether a value is random, and neither a path nor an id nor a digest by its shape.

    `least`: of how many letters and digits it has to be.
    """
    if (value.count(b"_") > 1 and is_snake(value)) or b"::" in value or _NAMES.fullmatch(value):
        return False
    if _is_path(value) or _PUBLIC.match(value) or is_identifier(value) or is_filler(value) or is_hex_key(value):
        return False
    return (is_generated(value, least=least) or is_key(value)) and not _FILE.search(value)


def is_example(value: bytes) -> bool:
    """Say whether a value may be a key that somebody made up for an example: digits and letters, hardly a name."""
    if is_counted(value):
        return True
    if is_filler(value) or (is_identifier(value) and not is_uuid(value)) or _is_path(value) or _PUBLIC.match(value):
        return False
    if _FILE.search(value) or _WORDS.fullmatch(value) or b"::" in value or is_snake(value):
        return False
    return len(set(value)) >= 5 and (len(re.findall(rb"[0-9]", value)) >= 3 or _HEX.fullmatch(value) is not None)


def _is_path(value: bytes) -> bool:
    """Say whether a value is a path (`uploads/2026/8mcc284l3i4sph5a3mgf`) rather than base64 with slashes."""
    parts = value.split(b"/")
    if len(parts) > 1 and _FOLDER.fullmatch(parts[0]):
        return True
    return len(parts) > 3 and not any(is_generated(part) for part in parts)


def is_labelled(place: Place) -> bool:
    """Say whether what stands before the value says that it is no secret."""
    before = place.text[max(0, place.start - _WINDOW) : place.start]
    return any(one is not None for one in (_LABELLED.search(before[-40:]), _ARN.search(before), _TYPE.search(before)))


class KeyName(Keyed):
    """`chartmogul_key: "…"`, `appKey := "…"`, `Using Key=…`, `key - '…'`."""

    pattern = (
        r"(?:(?i:key)|_(?i:api)|(?i:authentication|authorization|authenticator)|(?:\b|_)(?i:auth))[0-9]{0,2}[\"'`\])]{0,3}\s{0,3}(?:"
        + ASSIGNS
        + r"|,|\s-\s|\sis\s)\s{0,4}[\"'`(]{0,3}("
        r"[A-Za-z0-9_+/=.~|:?$%-]{15,})(?:[^A-Za-z0-9(\[]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.rstrip(b".")
        words = words_of(name_at(place.text, place.at))
        if _INDEXES.intersection(words) or is_labelled(place):
            return False
        if is_opaque(value):
            return True
        if not (is_hex_key(value) or is_uuid(value)):
            return False
        before = place.text[max(0, place.at - _WINDOW) : place.at]
        return len(words) > 1 or _PROMISES.search(before) is not None


class SpacedName(Keyed):
    """`SECRET KEY: …`, `API token = …`."""

    pattern = (
        r"(?i)\b(?:api|access|secret|private|auth|master|account|license|encryption|client)[ ](?:key|token|secret|code)"
        r"[\"'`*]{0,3}\s{0,3}[:=]\s{0,4}[\"'`]{0,2}([^\s\"'`<>,;]{8,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return is_uuid(value) or is_secret(value, Sort.TOKEN, quoted=False)


class UrlParameter(Keyed):
    """`?key=…` in a URL that stands in a text."""

    pattern = (
        r"[?&;](?i:(?:api|app|access|auth|account|hapi|subscription)?[_-]?key|appid|app_id|token|auth|sig|signature|hash_key)"
        r"=([A-Za-z0-9_+/=.~%|-]{15,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return is_opaque(value) or is_hex_key(value) or is_uuid(value)


class NearWord(Keyed):
    """`Using token …`, `the key … gives 401`, `getCredential("…")`: a random run soon after a telling word."""

    pattern = (
        r"(?i:api|access|secret|auth|private|license|signing|encryption)?[ _-]?"
        r"(?i:key|token|secret|passwd|password|passphrase|credential|apikey|auth)s?\b(?:[^\nA-Za-z0-9]"
        r"[^\n]{0,40}?)??[\s\"'`=({\[>]([A-Za-z0-9_+/.~|-]{18,}={0,2})(?:[\s\"'`,;)}\]<.]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        # The digits first: most runs near such a word are names, and to judge one takes twenty times as long.
        if len(re.findall(rb"[0-9]", value)) < 3 or is_labelled(place):
            return False
        if not is_opaque(value):
            return (
                is_hex_key(value)
                and len(value) >= 32
                and _SURELY.search(place.text[place.at : place.start]) is not None
            )
        words = words_of(name_at(place.text, place.at))
        return not (len(words) > 1 and sort_of("_".join(words)) is Sort.NONE) and not value.startswith(b"MII")


class Announced(Keyed):
    """`Here is the token to test with: …`, `Use the following password:` and a value on a line below."""

    pattern = (
        r"(?i)\b(?:key|token|secret|password|passphrase|credential)s?\b[^\n:=\"'`<>(){}]{0,60}:[ \t]{0,4}\s{1,8}[\"'`]?"
        r"([A-Za-z0-9_+/=.~|-]{16,})(?:[\s\"'`,;.]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.rstrip(b".")
        if is_labelled(place) or _INDEXES.intersection(words_of(name_at(place.text, place.at))):
            return False
        return is_opaque(value) or is_hex_key(value)


class Assigned(Keyed):
    """`appUnique = "wp…"`: a quoted random run under a name that says nothing, in code."""

    # Three digits at least, each with few characters between: what is no name; or as long as a key.
    pattern = (
        r"[A-Za-z0-9_\])\"'] ?(?::|=>|:?=)?= ?[brBRuU@]{0,2}[\"'`]"
        r"((?:[A-Za-z+/_=~-]{0,10}[0-9]{1,4}){3,}[A-Za-z+/_=~-]{0,10}|[A-Za-z0-9+/]{32,120}={0,2})[\"'`]"
    )
    prefilter = (r"= ?[brBRuU@]{0,2}[\"'`][A-Za-z0-9+/_=~-]{15}",)

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        if not _SHORTEST_ASSIGNED <= len(value) <= _LONGEST_ASSIGNED or is_labelled(place):
            return False
        words = words_of(name_at(place.text, place.at))
        if words and (words[-1] in _ABOUT_ASSIGNED or (words[-1] == "key" and _INDEXES.intersection(words))):
            return False
        made = is_generated(value, least=_SHORTEST_ASSIGNED) and is_opaque(value, least=_SHORTEST_ASSIGNED)
        return made and classes(value) >= 2 and not is_ordered(value)


RULES = (KeyName(), SpacedName(), UrlParameter(), NearWord(), Announced(), Assigned())
