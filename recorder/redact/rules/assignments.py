"""Values beside names that promise a secret: environment files, configuration, source code, command lines, prose."""

import re
from typing import override

from recorder.redact.generated import is_generated, is_uuid
from recorder.redact.guards import (
    is_code,
    is_expression,
    is_filler,
    is_in_arn,
    is_made_up,
    is_noise,
    is_plainly_made,
    is_random,
    is_tangled,
)
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keynames import KEYWORD, Sort, may_be_uuid, sort_of, words_of
from recorder.redact.rules.values import is_one_word, is_secret
from recorder.redact.spans import Rank

_TAIL = r"[A-Za-z0-9_.-]{0,32}"
# `: str`, `: &'static str`, `: Option<String>`, `: string | null`; Go's ` string`
_TYPE = r"(?:\s{0,2}:\s{0,2}[A-Za-z_.&<>\[\]|' ]{1,32}|[ \t]{1,4}\*?(?:string|\[\]byte|String))?"
# Of programming languages, of Make (`::=`, `?=`), of PHP (`.=`, `??=`).
ASSIGNS = r"(?::{1,3}=|[?.+|]{1,2}=|=>|->|<-|!?={1,3}|:)"
# Between two lines there may be what tools print in front of one: `   12→`, `12:`, `+`, `> `.
LINE_BREAK = r"(?:\s{0,8}[0-9]{0,7}(?:\xe2\x86\x92|[:|\t+>-])?)"
_SEPARATOR = r"(?:[ \t]{0,8}(?:(?:" + ASSIGNS + r"|\(|\bto\b)\s{0,8}|[,-][ \t]{0,8})|[ \t]{1,4})"
_FIRM = re.compile(rb"[:=(>]|<-|\"\s{1,4}to\s")
# https://www.php.net/manual/function.define.php: the comma stands for an assignment.
_DEFINES = re.compile(rb"\bdefine\(\s{0,2}[\"'][A-Za-z0-9_]{0,40}\Z")
# What may stand before a name that begins a line, or a JSON string.
_LINE_BEGINS = re.compile(
    rb"(?:^|[\n\"])[ \t]{0,24}(?:- |export |set )?[A-Za-z0-9_.$-]{0,40}(?:\[[\"'])?[A-Za-z0-9_.-]{0,40}\Z"
)
# CloudFormation's types of resources: `"AWS::IAM::AccessKey": "…"` is a line of a table.
_TYPE_NAME = re.compile(rb"\b[A-Z][A-Za-z0-9]*::[A-Z][A-Za-z0-9]*::[A-Za-z0-9]*\Z")
# Code between two strings, of which one ended where another seems to begin: `'--password='.$connection['…']`.
_GOES_ON = (b".$", b". $", b"+ ", b" + ", b" . ")
# `"connect_pass": sshpass, "become_pass"`: the comma ends what the name was given.
_LISTED = re.compile(rb",\s*[brBRfFuU@]{0,2}[\"'`]\Z")
# As the first word of a name under which a word is the way in which something is done.
_DONE = frozenset(
    {"update", "reset", "change", "ask", "prompt", "use", "require", "allow", "generate", "check", "validate"}
)
_LINE_BYTES = 128
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
        if value.startswith(_GOES_ON) or _TYPE_NAME.search(place.text[max(0, place.at - 80) : place.at]):
            return False
        if not self.quoted:
            value = value.partition(b"\\n")[0]  # a line's end in a text of which another reading reads the escapes
            if is_code(value.rstrip(b")];")):
                value = value.rstrip(b")];")
            if value.endswith(b")") and b"(" not in value:
                value = value.rstrip(b")")  # of what stands around the assignment
        name = name_at(place.text, place.at)
        if is_uuid(value):
            return may_be_uuid(name)
        if value.decode("latin-1").lower() == name.lower():
            return False  # the name again, as documentation has it
        return is_secret(value, sort_of(name), quoted=self.quoted, constant=name.isupper())

    @override
    def kind_of(self, place: Place) -> str:
        return kind_of_name(name_at(place.text, place.at))


class QuotedAssignment(Named):
    """`password = "…"`, `"api_key": "…"`, `secret => '…'`, `setPassword("…")`, `password: str = "…"`."""

    @override
    def accepts(self, place: Place) -> bool:
        between = place.text[place.at : place.start]
        defined = _DEFINES.search(place.text[max(0, place.at - 60) : place.at])
        firm = _FIRM.search(between) and not _LISTED.search(between)
        plainly = is_plainly_made(place.value) and sort_of(name_at(place.text, place.at)) is Sort.PASSWORD
        if not (firm or defined or plainly or _is_made(place.value, listed=b"," in between)):
            return False  # a list of names or a sentence, not a name and its value
        words = words_of(name_at(place.text, place.at))
        if not firm and words == ["salt"]:
            return False  # Salt's commands
        if is_one_word(place.value) and words and words[0] in _DONE:
            return False  # `update_password == "always"`: what is done, not a password
        return super().accepts(place)

    pattern = (
        KEYWORD + _TAIL + r"(?:\[\w{0,16}\])?[\"'`\])]{0,3}" + _TYPE + _SEPARATOR + r"[bBrRfFuUN@]{0,2}"
        # Single quotes reach over JSON's punctuation only by accident: an apostrophe here, another one far away.
        r"(?:\"([^\"\n]{4,})\"|'((?:[^'\"\n]|\"[^:,}\]'\n]){4,})'|`((?:[^`\"\n]|\"[^:,}\]`\n]){4,})`)"
    )


def _is_made(value: bytes, *, listed: bool) -> bool:
    if listed and b"::" in value:
        return False
    if listed and b" " in value:
        return False
    return is_generated(value) or is_made_up(value) or is_noise(value) or (listed and is_random(value))


class PlainAssignment(Named):
    """`DB_PASSWORD=…`, `password: …`, `?token=…`, `--password=…`."""

    quoted = False
    pattern = (
        KEYWORD
        + _TAIL
        + r"[\"'`]?[ \t]{0,4}(?::{1,3}=|[?.+|]{1,2}=|=|:)[ \t]{0,4}([^\s\"'`<>,;&|(){}\[\]][^\s\"'`<>,;&|]{3,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        if is_in_arn(place.text, place.at):
            return False
        return super().accepts(place) and place.text[place.end : place.end + 1] not in (b"(", b"[")


class EnvironmentLine(Named):
    """A whole line `NAME=value` of an environment file, with all that a value may hold."""

    quoted = False
    pattern = KEYWORD + r"[A-Z0-9_]{0,32}=([^\s\"'`][^\s\"'`]{3,})"

    @override
    def accepts(self, place: Place) -> bool:
        return name_at(place.text, place.at).isupper() and super().accepts(place)


class Element(Named):
    """`<password>…</password>`, and `<secret>{vendor AQAA… …}</secret>` of a Jenkins file."""

    @override
    def accepts(self, place: Place) -> bool:
        words = place.value.strip(b"{} ").split(b" ")
        wrapped = 1 <= len(words) <= 4 and any(is_generated(word, least=12) or is_uuid(word) for word in words)
        return super().accepts(place) or (wrapped and sort_of(name_at(place.text, place.at)) is not Sort.NONE)

    pattern = (
        KEYWORD + r"[A-Za-z0-9_.-]{0,16}(?:\s[^<>\n]{1,80})?>\s{0,32}(?:<!\[CDATA\[\s{0,8})?"
        r"([^<>\s][^<>\n]{3,}?)\s{0,32}(?:\]\]>\s{0,32})?</"
    )


class LongElement(Named):
    """`<token>` and a value on several lines, as what is pasted into XML is."""

    pattern = (
        KEYWORD + r"[A-Za-z0-9_.-]{0,16}(?:\s[^<>\n]{1,120})?>\s{0,40}\"?"
        r"([A-Za-z0-9+/=_-]{16,160}\s{1,40}[A-Za-z0-9+/=_\s-]{0,900}[A-Za-z0-9+/=_-]{4})\"?\s{0,40}</"
    )

    @override
    def accepts(self, place: Place) -> bool:
        lines = place.value.split()
        return is_generated(b"".join(lines)) and sort_of(name_at(place.text, place.at)) is not Sort.NONE


class ConfigurationLine(Named):
    """A whole line `db.password: velvetcoral` of YAML, `SSHpassword=velvetcoral` of INI and properties files."""

    pattern = (
        r"(?:(?m:^)|\")(?:[ \t]{0,24}(?:- )?[A-Za-z0-9_.-]{0,32}(?i:password|passwd|passphrase|pwd):[ \t]{0,2}"
        r"|[A-Za-z0-9_.-]{0,32}(?i:password|passwd|passphrase|pwd)[ \t]{0,2}[=:][ \t]{0,2})"
        r"([a-z]{5,28}[A-Za-z]{3,4}|[a-z]{2,16}[_-][a-z]{3,16})[ \t]{0,4}(?:[\r\n\"]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return is_one_word(place.value.lower())

    @override
    def kind_of(self, place: Place) -> str:
        return "password"


class WholeLine(Named):
    """A line `db.password = …` whose value has signs that end one elsewhere: `;`, `>`, `&`, brackets."""

    pattern = (
        KEYWORD
        + r"[A-Za-z0-9_.-]{0,24}(?:[\"']\])?[ \t]{0,4}(?::=|=|:)[ \t]{0,4}([^\s\"'`]{8,160})[ \t]{0,4}(?:[\r\n\"]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.rstrip(b";,")
        if not is_noise(value) and not is_tangled(value):
            return False
        before = place.text[max(0, place.at - _LINE_BYTES) : place.at]
        if not _LINE_BEGINS.search(before) or is_code(value) or is_expression(value):
            return False
        return sort_of(name_at(place.text, place.at)) is not Sort.NONE and not is_filler(value)

    @override
    def kind_of(self, place: Place) -> str:
        return "secret"


class Option(Named):
    """`--password …`, `--api-key …` on a command line."""

    pattern = (
        r"--?[a-z_-]{0,24}(?i:password|passwd|pwd|token|secret|api-key|account-key|access-key|passphrase)"
        r"[\s=]+[\"']?([^\s\"'-][^\s\"']{3,})"
    )
    quoted = False

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        if value.startswith(_GOES_ON):
            return False
        name = name_at(place.text, place.at).strip("-")
        if is_uuid(value):
            return may_be_uuid(name)
        return is_secret(value, sort_of(name), quoted=False) or (sort_of(name) is Sort.PASSWORD and is_made_up(value))


class Defined(Named):
    """`#define TOKEN …`, `%define password …`."""

    pattern = r"[#%]\s?define\s+[A-Za-z0-9_]{0,32}" + KEYWORD + r"[A-Za-z0-9_]{0,16}\s+[\"']?([^\s\"'()]{6,})"

    @override
    def accepts(self, place: Place) -> bool:
        name = place.text[place.at : place.start].split()[-1].decode("latin-1").strip("\"'")
        if re.fullmatch(rb"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", place.value):
            return False  # another name
        return is_secret(place.value, sort_of(name), quoted=False)


class Fallback(Named):
    """`os.environ.get("PASSWORD") or "…"`, `process.env.TOKEN || "…"`."""

    pattern = KEYWORD + _TAIL + r"[\"'`\])]{0,3}\s{0,3}(?:\bor\b|\|\||\?\?)\s{0,3}(?:\"([^\"\n]{4,})\"|'([^'\n]{4,})')"

    @override
    def accepts(self, place: Place) -> bool:
        made = is_made_up(place.value) or is_generated(place.value) or is_random(place.value)
        return made and super().accepts(place)


RULES = (
    QuotedAssignment(),
    EnvironmentLine(),
    PlainAssignment(),
    ConfigurationLine(),
    WholeLine(),
    Element(),
    LongElement(),
    Option(),
    Defined(),
    Fallback(),
)
