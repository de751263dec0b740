"""Values beside names that promise a secret: environment files, configuration, source code, command lines, prose."""

import re
from typing import override

from recorder.redact.guards import classes, is_filler, is_jumbled, is_random, is_reference, is_word
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keynames import KEYWORD, Sort, sort_of
from recorder.redact.rules.values import is_secret
from recorder.redact.spans import Rank

_TAIL = r"[A-Za-z0-9_.-]{0,32}"
_TYPE = r"(?:\s{0,2}:\s{0,2}[A-Za-z_.]{1,24})?"
_SEPARATOR = r"(?:[ \t]{0,8}(?:(?::=|=>|={1,3}|:|\()\s{0,8}|,[ \t]{0,8}))"
_NAME = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"


def name_at(text: bytes, at: int) -> str:
    """Give the whole name of which a keyword stands at `at`; of a dotted one, the last part."""
    left, right = text[max(0, at - 64) : at], text[at : at + 64]
    name = left[len(left.rstrip(_NAME)) :] + right[: len(right) - len(right.lstrip(_NAME))]
    return name.decode("latin-1").strip(".-").rsplit(".", 1)[-1]


def kind_of_name(name: str) -> str:
    """Name the kind of a value by its name."""
    return "password" if sort_of(name) is Sort.PASSWORD else "secret"


class Named(Rule):
    """Base of the rules whose match begins with a keyword inside a name."""

    rank = Rank.CONTEXT
    kind = "secret"
    quoted = True

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        name = name_at(place.text, place.at)
        return is_secret(value, sort_of(name), quoted=self.quoted, constant=name.isupper())

    @override
    def kind_of(self, place: Place) -> str:
        return kind_of_name(name_at(place.text, place.at))


class QuotedAssignment(Named):
    """`password = "…"`, `"api_key": "…"`, `secret => '…'`, `setPassword("…")`, `password: str = "…"`."""

    @override
    def accepts(self, place: Place) -> bool:
        between = place.text[place.at : place.start]
        if b"," in between and re.fullmatch(rb"\w*", place.value) and not is_random(place.value):
            return False  # a list of names, not a name and its value
        return super().accepts(place)

    pattern = (
        KEYWORD + _TAIL + r"[\"'`\])]{0,3}" + _TYPE + _SEPARATOR + r"[bBrRfFuU@]{0,2}"
        # Single quotes reach over JSON's punctuation only by accident: an apostrophe here, another one far away.
        r"(?:\"([^\"\n]{4,})\"|'((?:[^'\"\n]|\"[^:,}\]'\n]){4,})'|`((?:[^`\"\n]|\"[^:,}\]`\n]){4,})`)"
    )


class PlainAssignment(Named):
    """`DB_PASSWORD=…`, `password: …`, `?token=…`, `--password=…`."""

    quoted = False
    pattern = KEYWORD + _TAIL + r"[\"'`]?[ \t]{0,4}(?::=|=|:)[ \t]{0,4}([^\s\"'`<>,;&|(){}\[\]][^\s\"'`<>,;&|]{3,})"

    @override
    def accepts(self, place: Place) -> bool:
        return super().accepts(place) and place.text[place.end : place.end + 1] not in (b"(", b"[")


class EnvironmentLine(Named):
    """A whole line `NAME=value` of an environment file, with all that a value may hold."""

    quoted = False
    pattern = KEYWORD + r"[A-Z0-9_]{0,32}=([^\s\"'`][^\s\"'`]{3,})"

    @override
    def accepts(self, place: Place) -> bool:
        return name_at(place.text, place.at).isupper() and super().accepts(place)


class NameAndValue(Named):
    """`{"name": "DB_PASSWORD", "value": "…"}`, as in Kubernetes, ECS and Terraform."""

    @override
    def accepts(self, place: Place) -> bool:
        name = name_at(place.text, place.at)
        quoted = place.text[place.start - 1 : place.start] in (b'"', b"'")
        return is_secret(place.value, sort_of(name), quoted=quoted, constant=quoted and name.isupper())

    pattern = (
        KEYWORD
        + r"[A-Za-z0-9_.-]{0,32}[\"']?\s{0,8},?\s{0,24}[\"']?(?i:value)[\"']?\s{0,4}[:=]\s{0,4}[\"']?([^\s\"']{4,})"
    )


class Element(Named):
    """`<password>…</password>`."""

    pattern = KEYWORD + r"[A-Za-z0-9_.-]{0,16}>([^<>\n]{4,})</"


class Option(Named):
    """`--password …`, `--api-key …` on a command line."""

    pattern = r"--?[a-z-]{0,24}(?i:password|passwd|pwd|token|secret|api-key|passphrase)\s+[\"']?([^\s\"'-][^\s\"']{3,})"
    quoted = False

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        name = name_at(place.text, place.at).strip("-")
        return is_secret(value, sort_of(name), quoted=False)


class CommandPassword(Rule):
    """Passwords as arguments: `mysql -p…`, `sshpass -p …`, `curl -u name:…`, `redis-cli -a …`."""

    # https://dev.mysql.com/doc/refman/8.4/en/connecting.html, sshpass(1), curl(1), redis-cli(1)
    kind = "password"
    rank = Rank.CONTEXT
    pattern = (
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;&]{0,200}?\s-p[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\bsshpass\s+-p\s*[\"']?([^\s\"']{4,})"
        r"|\b(?:curl|wget|http)\b[^\n|;&]{0,200}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,64}:([^\s\"'@]{4,})"
        r"|\bredis-cli\b[^\n|;&]{0,200}?\s-a\s+[\"']?([^\s\"']{4,})"
        r"|\b(?:docker|podman|helm|az)\b[^\n|;&]{0,40}?\slogin\b[^\n|;&]{0,200}?\s-p\s+[\"']?([^\s\"']{4,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return not (is_reference(value) or is_filler(value) or is_word(value))


class Prose(Rule):
    """`the password is …`, `use the token "…"`."""

    kind = "password"
    rank = Rank.CONTEXT
    pattern = (
        r"(?i)\b(?:password|passphrase|passwd|passcode|secret|token|api key|access key)\b[^\n.\"'`:=]{0,40}?"
        r"(?:[ \t](?:is|was|to|as|are)|:)(?:[ \t]+now)?[ \t]+[\"'`*]{0,2}([^\s\"'`]{4,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        value = value.partition(b"\\")[0].rstrip(b".,;:!?)*")
        made = re.search(rb"[0-9]", value) or classes(value) >= 3 or is_jumbled(value)
        return bool(made) and len(value) >= 6 and is_secret(value, Sort.PASSWORD, quoted=False)


RULES = (
    QuotedAssignment(),
    EnvironmentLine(),
    PlainAssignment(),
    NameAndValue(),
    Element(),
    Option(),
)
TALK_RULES = (CommandPassword(), Prose())
