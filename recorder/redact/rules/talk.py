"""Passwords as people and shells write them: in sentences, as arguments of commands."""

import re
from typing import override

from recorder.redact.generated import is_generated, is_hex_key
from recorder.redact.guards import (
    classes,
    is_code,
    is_filler,
    is_jumbled,
    is_made_up,
    is_minified,
    is_plainly_made,
    is_reference,
    is_word,
)
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keyed import is_opaque
from recorder.redact.rules.keynames import Sort
from recorder.redact.rules.languages import FAR_WORDS, WORDS
from recorder.redact.rules.values import is_secret
from recorder.redact.spans import Rank

_VERB = r"(?:is|was|to|as|are|lautet|ist|war|est|es|\xc3\xa9|\xc3\xa8|\xc3\xa4r|jest|now)"


# `<input name=pass type=password size=10>`
_HTML = re.compile(rb"[a-z]{2,12}=[\"']?[0-9]{1,4}")


# `token_type: `, `grant_type: `: what is told is no secret, whatever the sentence before it is about.
_ABOUT = re.compile(rb"(?i)_(?:types?|ids?|url|uri|name|size|count|path|version)\W{1,4}\Z")


class Spoken(Rule):
    """Base of the rules for what is said rather than assigned."""

    kind = "password"
    rank = Rank.CONTEXT


class CommandPassword(Spoken):
    """Passwords as arguments: `mysql -p…`, `sshpass -p …`, `curl -u name:…`, `redis-cli -a …`."""

    # https://dev.mysql.com/doc/refman/8.4/en/connecting.html, sshpass(1), curl(1), redis-cli(1), mongosh, cqlsh,
    # sqlcmd, smbclient(1), ldapsearch(1), htpasswd(1), chpasswd(8), openssl-passphrase-options(1), unzip(1), 7z(1),
    # `net use` and ConvertTo-SecureString of Windows, PsExec, `vault operator unseal`
    pattern = (
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;&]{0,200}?\s-p[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\bsshpass\s+-p\s*[\"']?([^\s\"']{4,})"
        r"|\b(?:curl|wget|http)\b[^\n|;&]{0,200}?(?:\\\r?\n[^\n|;&]{0,80}?){0,3}?"
        r"\s(?:-[a-zA-Z]{0,4}u|--user|--proxy-user)[ =]{0,3}"
        r"(?:\"[^\s:\"']{1,64}:([^\s\"]{4,})|'[^\s:\"']{1,64}:([^\s']{4,})"
        r"|[^\s:\"']{1,64}:[\"']?([^\s\"'\\]{4,}))"
        r"|\bredis-cli\b[^\n|;&]{0,200}?\s-a\s+[\"']?([^\s\"']{4,})"
        r"|\b(?:docker|podman|helm|az)\b[^\n|;&]{0,40}?\slogin\b[^\n|;&]{0,200}?\s-p\s+[\"']?([^\s\"']{4,})"
        r"|\b(?:mongosh?|mongodump|mongorestore|cqlsh|impala-shell|rabbitmqadmin|clickhouse-client)\b[^\n|;&]{0,200}?"
        r"\s-p\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\b(?:sqlcmd|osql|unzip|zip)\b[^\n|;&]{0,200}?\s-P\s*[\"']?([^\s\"']{4,})"
        r"|\b7z\b[^\n|;&]{0,200}?\s-p([^\s\"']{4,})"
        r"|\bldap(?:search|add|modify|whoami)\b[^\n|;&]{0,200}?\s-w\s+[\"']?([^\s\"']{4,})"
        r"|\b(?:smbclient|rpcclient|mount)\b[^\n|;&]{0,200}?\s-U\s+[\"']?[^\s%\"']{1,64}%([^\s\"']{4,})"
        r"|\bhtpasswd\s+(?:-[a-zA-Z]+\s+){0,4}?-[a-zA-Z]*b[a-zA-Z]*\s+(?:-[a-zA-Z]+\s+){0,4}[^\n|;&]{1,120}?\s[^\s]{1,64}\s+[\"']?([^\s\"']{4,})"
        r"|(?i)\bnet\s+(?:use|user)\b[^\n|;&]{0,200}?/user:[^\s]{1,64}\s+([^\s\"']{4,})"
        r"|\boperator\s+unseal\s+[\"']?([A-Za-z0-9+/=]{40,})"
        r"|(?i)\bpsexec[^\n]{0,120}?\s-p\s+([^\s\"'%$]{4,})"
        r"|\bConvertTo-SecureString\b[^\n|;]{0,80}?[\s\"'\\]([^\s\"'\\$(-][^\s\"'\\]{5,})"
        r"|\bpass(?:in|out)?\s+pass:([^\s\"']{4,})"
        r"|\becho\s+(?:-[a-z]+\s+)?[\"']?(?:[A-Za-z0-9_.-]{1,32}:)?([^\s\"'|]{4,})[\"']?\s*\|\s*(?:sudo\s+)?"
        r"(?:chpasswd|passwd\b|sudo\s+-[a-zA-Z]*S|docker\s+login|su\b|kinit|gh\s+auth)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return not (is_reference(value) or is_filler(value) or is_word(value))


class Prose(Spoken):
    """`the password is …`, `use the token "…"`, `Das Passwort lautet …`."""

    pattern = (
        r"(?i)\b(?:" + WORDS + r"|secret|token|api key|access key)\b[^\n\"'`=]{0,60}?"
        r"(?:[ \t]" + _VERB + r":?|:)(?:[ \t]+now)?[ \t]+[\"'`*]{0,2}([^\s\"'`]{4,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.partition(b"\\")[0].rstrip(b".,;:!?)*")
        if len(value) < 6 or is_word(value):
            return False
        if b"<{" in value or re.fullmatch(rb"[A-Z]\{.*\}", value):
            return False  # a type: `token: DefaultColumn<{`; markup: `L{None}`
        if re.fullmatch(rb"[a-z][a-z0-9_]*(?:\.[A-Za-z_]+)+", value):
            return False  # a class: `pyo3_runtime.PanicException`
        # A letter beyond ASCII is no sign of a password: it may be a quotation mark or an ellipsis.
        if _ABOUT.search(place.text[place.at : place.start]):
            return False
        made = re.search(rb"[0-9]", value) or (value.isascii() and classes(value) >= 3) or is_jumbled(value)
        distant = b"." in place.text[place.at : place.start] and not is_made_up(value)
        return bool(made) and not distant and is_secret(value, Sort.PASSWORD, quoted=is_made_up(value))


class QuotedWord(Spoken):
    """`the default password is 'blooberry'`, `the password for "ada" is "…"`: in quotes a word is one too."""

    pattern = (
        r"(?i)\b(?:password|passphrase|passwort|kennwort)\b"
        r"(?:[ \t](?:for|of|f\xc3\xbcr)\b[^\n=:;.]{0,60}?)?[ \t](?:is|lautet|ist)[ \t:]{1,3}"
        r"(?:\"([A-Za-z0-9!@#$%^&*._-]{4,64})\"|'([A-Za-z0-9!@#$%^&*._-]{4,64})')"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return not (is_word(value) or is_reference(value) or is_filler(value))


class Beside(Spoken):
    """`pw: …`, `with password …`, `passphrase "…"`, `login ada password …` (netrc), `requirepass …` (redis.conf)."""

    pattern = (
        r"(?i)(?:" + FAR_WORDS + r"|(?:\b|_)"
        r"(?:" + WORDS + r"|requirepass|masterauth|redis_auth|[a-z0-9]+_auth|auth_pass))[\"'`*]{0,2}"
        r"[ \t]*(?:[ \t:=]|[=-]>|\xe2\x86\x92)[ \t]*[\"'`*]{0,2}([^\s\"'`<>]{6,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        said = re.split(rb"\\|&\w{1,32}=", place.value, maxsplit=1)[0]
        bare = said.rstrip(b".,;:!?*)#")
        value = said if is_made_up(said) else bare
        if b"." in value and is_code(value):
            return False  # `hashlib.pbkdf2_hmac(`
        if is_minified(value) or _HTML.fullmatch(value):
            return False
        made = is_made_up(value) or is_hex_key(value) or is_generated(value) or is_plainly_made(value)
        return made and is_secret(value, Sort.PASSWORD, quoted=True)


_SHORTEST_SAID = 12


class SaidToken(Spoken):
    """`Client secret AIh…`, `access token (AIh…)`: nothing but a space between a token and what it is called."""

    kind = "secret"
    pattern = (
        r"(?i)\b(?:secret|token|(?:api|access|auth|private|shared|master|encryption|signing) ?key)[ \t]{1,2}[(\"'`]?"
        # A digit soon, so that it is not asked about every name behind `token `.
        r"([A-Za-z+/_-]{0,12}[0-9][A-Za-z0-9+/_-]{6,64}={0,2})(?:[\s\"'`),;.]|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return (
            len(value) >= _SHORTEST_SAID
            and len(re.findall(rb"[0-9]", value)) >= 2
            and is_opaque(value, least=_SHORTEST_SAID)
            and classes(value) >= 3
        )


class NameSlashPassword(Spoken):
    """`credentials: ada / …`, `login: ada / password …`."""

    pattern = (
        r"(?i)\b(?:credentials?|creds|log ?in|account|user|zugangsdaten)\b[^\n/\"'`]{0,24}?[ \t:]"
        r"[A-Za-z0-9_.@-]{2,48}[ \t]+/[ \t]+[\"'`*]{0,2}([^\s\"'`<>]{6,})"
        r"|(?i)\b(?:id|user(?:name)?|login|account)\s?[/|,]\s?(?:pw|pwd|pass(?:word|wd)?)[ \t:=(]{1,4}"
        r"[A-Za-z0-9_.@-]{2,48}\s?[/,|]{1,2}\s?([^\s\"'`<>/]{6,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.partition(b"\\")[0].rstrip(b".,;:!?*)")
        made = is_made_up(value) or is_plainly_made(value)
        return made and is_secret(value, Sort.PASSWORD, quoted=True)


RULES = (CommandPassword(), Prose(), QuotedWord(), Beside(), SaidToken(), NameSlashPassword())
