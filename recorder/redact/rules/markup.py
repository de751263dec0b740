"""A name and its value as markup has them: an element named by an attribute, a label in bold, two cells of a table."""

import re
from typing import override

from recorder.redact.generated import is_uuid
from recorder.redact.rules.assignments import Named, kind_of_name, name_at
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keynames import KEYWORD, Sort, may_be_uuid, sort_of
from recorder.redact.rules.values import is_secret
from recorder.redact.spans import Rank

_PART = r"[A-Za-z0-9_./-]{0,32}"
_SPOKEN = (
    r"(?:"
    + KEYWORD
    + r"|(?i:(?:api|access|auth|private|encryption|signing|master|account|secret|license|service) key))"
)
_LABEL = re.compile(rb"[A-Za-z0-9_./ -]+")
_LABEL_BEFORE = re.compile(rb"[A-Za-z0-9_./ -]*$")
_ATTRIBUTE_BEFORE = re.compile(rb"\b(?:name|key|id|property)\s?=\s?[\"'][A-Za-z0-9_.:/-]*$", re.IGNORECASE)
_BEFORE_BYTES = 64


class NamedElement(Named):
    """`<string name="api_key">…</string>`, `<property name="hibernate.connection.password">…</property>`."""

    # https://developer.android.com/guide/topics/resources/string-resource#String
    pattern = (
        KEYWORD + _PART + r"[\"'](?:\s{1,4}[A-Za-z:]{1,24}=\"[^\"\n]{0,40}\")?\s{0,8}>\s{0,24}"
        r"([^<>\s][^<>\n]{3,}?)\s{0,24}</"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return bool(_ATTRIBUTE_BEFORE.search(_before(place))) and super().accepts(place)


class Label(Named):
    """Base of the rules for labels that people read, in which words stand apart: `API key`."""

    quoted = False

    @override
    def accepts(self, place: Place) -> bool:
        name = self._name(place)
        return may_be_uuid(name) if is_uuid(place.value) else is_secret(place.value, sort_of(name), quoted=False)

    @override
    def kind_of(self, place: Place) -> str:
        return kind_of_name(self._name(place))

    def _name(self, place: Place) -> str:
        before, label = _LABEL_BEFORE.search(_before(place)), _LABEL.match(place.text, place.at, place.start)
        spoken = b"".join(part.group() for part in (before, label) if part).decode().strip()
        return spoken.replace(" ", "_") if " " in spoken else name_at(place.text, place.at)


class BoldLabel(Label):
    """`**Password:** …`, `**API key**: …`, as in what a model writes."""

    pattern = _SPOKEN + _PART + r"(?:[*_]{2}[ \t]{0,4}:|:[*_]{2})[ \t]{1,4}`?([^\s`|*]{4,})"


class TableCell(Label):
    """`| API key | … |`."""

    # https://github.github.com/gfm/#tables-extension-
    pattern = _SPOKEN + _PART + r"[*_`]{0,3}[ \t]{0,24}\|[ \t]{0,24}`?([^\s`|\[][^\s`|]{3,})`?[ \t]{0,40}\|"


class NpmAuth(Rule):
    """`_auth=…`, `//registry.example/:_auth=…`: name and password of a registry in base64."""

    # https://docs.npmjs.com/cli/v11/configuring-npm/npmrc#auth-related-configuration
    kind = "secret"
    rank = Rank.CONTEXT
    pattern = r"(?:^|[^A-Za-z0-9_.])_auth[ \t]{0,4}=[ \t]{0,4}[\"']?([^\s\"']{4,})"

    @override
    def accepts(self, place: Place) -> bool:
        return is_secret(place.value, Sort.TOKEN, quoted=False)


def _before(place: Place) -> bytes:
    return place.text[max(0, place.at - _BEFORE_BYTES) : place.at]


RULES = (NamedElement(), BoldLabel(), TableCell(), NpmAuth())
