"""A name and its value as two members, elements or attributes of one thing, whichever of them stands first."""

from typing import override

from recorder.redact.generated import is_uuid
from recorder.redact.regex import compile_bytes
from recorder.redact.rules.assignments import LINE_BREAK, Named, kind_of_name, name_at
from recorder.redact.rules.base import Place
from recorder.redact.rules.keynames import KEYWORD, may_be_uuid, sort_of
from recorder.redact.rules.values import is_secret

_PART = r"[A-Za-z0-9_./-]{0,32}"
# What configuration formats call the two.
_NAME = r"(?i:name|key|field|property|variable|param(?:eter)?|setting|option)"
_VALUE = r"(?i:value|val|default|data|content|secret|text)"
_BETWEEN = r"\s{0,8}[,;]?" + LINE_BREAK + r"\s{0,24}"
_KEYWORD = compile_bytes(KEYWORD)
_FAR_BYTES = 160


class Pair(Named):
    """Base of the rules for pairs."""

    @override
    def accepts(self, place: Place) -> bool:
        name = self._name(place)
        quoted = place.text[place.start - 1 : place.start] in (b'"', b"'", b">")
        if is_uuid(place.value):
            return may_be_uuid(name)
        return is_secret(place.value, sort_of(name), quoted=quoted, constant=name.isupper())

    @override
    def kind_of(self, place: Place) -> str:
        return kind_of_name(self._name(place))

    def _name(self, place: Place) -> str:
        return name_at(place.text, place.at)


class NameAndValue(Pair):
    """`{"name": "DB_PASSWORD", "value": "…"}`, as in Kubernetes and ECS; `variable "db_password" { default = "…" }`."""

    pattern = (
        KEYWORD
        + _PART
        + r"[\"']?\s{0,8}[,{]?"
        + LINE_BREAK
        + r"\s{0,24}[\"']?(?i:[a-z]{0,12}value|default)[\"']?\s{0,4}[:=]\s{0,4}[\"']?([^\s\"']{4,})"
    )


class BlockDefault(Pair):
    """`variable "db_password" {`, a line or several, `default = "…"`."""

    # https://developer.hashicorp.com/terraform/language/values/variables
    pattern = (
        KEYWORD + r"[A-Za-z0-9_-]{0,32}\"[ \t]{0,4}\{[ \t]{0,4}\r?\n(?:[^\n{}]{0,160}\n){1,6}?"
        r"[^\n{}=\"]{0,16}\bdefault[ \t]{0,16}=[ \t]{0,4}"
        r"\"([^\"\n]{4,})\""
    )


class ElementPair(Pair):
    """`<key>DB_PASSWORD</key><value>…</value>`, as in Java's and Apple's property lists."""

    # https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#storeToXML, plist(5): <key> and <string>
    pattern = (
        KEYWORD + _PART + r"\s{0,8}</" + _NAME + r">" + LINE_BREAK + r"\s{0,24}<(?i:value|val|string|data)>\s{0,8}"
        r"([^<>\s][^<>\n]{3,}?)\s{0,8}</"
    )


class Behind(Pair):
    """Base of the rules for a value that stands before its name."""

    @override
    def _name(self, place: Place) -> str:
        keyword = _KEYWORD.search(place.text, place.end, min(len(place.text), place.end + _FAR_BYTES))
        return name_at(place.text, keyword.start()) if keyword else ""


class ValueAndName(Behind):
    """`{"value": "…", "name": "DB_PASSWORD"}`, `value: …` and `name: DB_PASSWORD` on the next line."""

    pattern = (
        r"\b"
        + _VALUE
        + r"[\"']?\s{0,4}[:=]\s{0,4}(?:\"([^\"\n]{4,})\"|'([^'\n]{4,})'|([^\s\"'<>,;{}\[\]()]{4,}))"
        + _BETWEEN
        + r"[\"']?"
        + _NAME
        + r"[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
        + _PART
        + KEYWORD
    )


class ValueElementAndName(Behind):
    """`<value>…</value><key>DB_PASSWORD</key>`."""

    pattern = (
        r"<(?i:value|val|string)>\s{0,8}([^<>\s][^<>\n]{3,}?)\s{0,8}</(?i:value|val|string)>"
        + LINE_BREAK
        + r"\s{0,24}<"
        + _NAME
        + r">\s{0,8}"
        + _PART
        + KEYWORD
    )


RULES = (NameAndValue(), BlockDefault(), ElementPair(), ValueAndName(), ValueElementAndName())
