"""More passwords as arguments of commands, and of lines that configure one: each takes it at a place of its own."""

import re
from typing import override

from recorder.redact.generated import is_uuid
from recorder.redact.guards import is_filler, is_reference, is_word
from recorder.redact.rules.base import Place, Rule
from recorder.redact.rules.keynames import KEYWORD, may_be_uuid, sort_of
from recorder.redact.rules.values import is_secret
from recorder.redact.spans import Rank


class Command(Rule):
    """Base: what stands there is a password, whatever it looks like."""

    kind = "password"
    rank = Rank.CONTEXT

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value
        return not (is_reference(value) or is_filler(value) or is_word(value))


class Administration(Command):
    """`net user ada … /add`, `useradd -p …`, `rabbitmqctl add_user ada …`, `keytool -storepass …`, `vault login …`."""

    # https://learn.microsoft.com/windows-server/administration/windows-commands/net-user, useradd(8), rabbitmqctl(8),
    # keytool(1), openssl-enc(1), lftp(1), snmpcmd(1), twine's documentation, mongo and mongosh, Vault's `login`
    pattern = (
        r"(?i)\bnet\s+user\s+[^\s/]{1,64}\s+([^\s\"'/*][^\s\"']{3,})\s+/(?:add|domain|y)"
        r"|\b(?:useradd|usermod|adduser)\b[^\n|;&]{0,120}?\s(?:-p|--password)\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\brabbitmqctl\s+(?:add_user|change_password)\s+[^\s]{1,64}\s+[\"']?([^\s\"']{4,})"
        r"|\s-(?:src|dest|new)?(?:store|key)pass\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\bopenssl\s+(?:enc|aes-[a-z0-9-]{6,12}|des3)\b[^\n|;&]{0,200}?\s-k\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\blftp\b[^\n|;&]{0,80}?\s-u\s+[^\s,]{1,64},[\"']?([^\s\"']{4,})"
        r"|\bsnmp(?:walk|get|set|bulkwalk)\b[^\n|;&]{0,200}?\s-[AX]\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\b(?:twine|mongo)\b[^\n|;&]{0,200}?\s-p\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        # Oracle's tools, FreeRDP, `net use` with the password before the user, expect(1), bash's here-strings
        r"|\b(?:sqlplus|expdp|impdp|rman|sqlldr)\b[^\n|;&]{0,80}?\s[\"']?[A-Za-z0-9_.$-]{1,64}/([^\s\"'@/]{4,})@"
        r"|\b[xwsd]?l?freerdp3?\b[^\n|;&]{0,200}?\s/p:[\"']?([^\s\"']{4,})"
        r"|(?i)\bnet\s+use\b[^\n|;&]{0,40}?\s\\\\[^\s]{1,160}\s+([^\s\"'/*][^\s\"']{3,})\s+/(?:user|persistent|savecred)"
        r"|(?i)ass(?:word|phrase)[^\n]{0,40}\n[ \t]{0,16}send\s{1,4}(?:--\s)?[\"']([^\"'\n\\$]{4,}?)(?:\\[rn])?[\"']"
        r"|\bsudo\s+-[a-zA-Z]*S\b[^\n|;&<]{0,160}?<<<\s{0,2}[\"']?([^\s\"'$]{4,})"
        r"|\b(?:winrm|winrs|schtasks|cmdkey|wmic)\b[^\n|;&]{0,200}?\s[/-](?:p:|rp\s|pass:)[\"']?([^\s\"'%$]{4,})"
        r"|\b(?:kinit|cryptsetup|passwd|ansible-vault)\b[^\n|;&<]{0,160}?<<<\s{0,2}[\"']?([^\s\"'$]{4,})"
        r"|\bvault\s+login\s+(?:-[a-z=-]{2,32}\s+)?([A-Za-z0-9._-]{16,}={0,2})"
    )


class Protocol(Command):
    """`PASS …` behind `USER ada`, `AUTH PLAIN …`, `AUTH …` at Redis' prompt."""

    # RFC 959 (FTP), RFC 1939 (POP3), RFC 4616 (SASL PLAIN), https://redis.io/docs/latest/commands/auth
    pattern = (
        r"\b(?:USER|user)[ \t][^\n]{1,80}\n(?:[^\n]{0,120}\n)?[^\nA-Za-z]{0,16}PASS[ \t]{1,4}([^\s]{4,})"
        r"|\bAUTH[ \t](?:PLAIN|LOGIN)[ \t]([A-Za-z0-9+/]{12,}={0,2})"
        r"|:[0-9]{4,5}(?:\[[0-9]{1,3}\])?>[ \t](?i:auth)[ \t](?:[A-Za-z0-9_.-]{1,40}[ \t])?([^\s]{4,})"
    )


class Netrc(Command):
    """`machine api.example.org login ada password …`, on one line or several."""

    # https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html
    pattern = (
        r"\b(?:machine\s{1,8}[^\s]{1,120}\s{1,16}(?:login\s{1,8}[^\s]{1,120}\s{1,16})?|default\s{1,8}login\s{1,8}[^\s]{1,120}\s{1,16})"
        r"(?:account\s{1,8}[^\s]{1,80}\s{1,16})?"
        r"password\s{1,8}([^\s\"'`]{4,128})"
    )


class NuGet(Command):
    """`<add key="ClearTextPassword" value="…" />`."""

    # https://learn.microsoft.com/nuget/reference/nuget-config-file#packagesourcecredentials
    pattern = r"key=\"(?:ClearText)?Password\"\s{1,4}value=\"([^\"\n]{4,128})\""


# The name is the last word before the value and its option.
_VARIABLE = re.compile(rb"([A-Za-z0-9_.-]+)[ \t]{1,4}(?:(?:--body|-b|--value)[ =])?[\"']?\Z")


class Variable(Command):
    """`ENV API_TOKEN …` of a Dockerfile, `setx API_TOKEN …`: name and value with nothing but a space between them."""

    # https://docs.docker.com/reference/dockerfile/#env, setx of Windows, Apache's SetEnv, nginx's fastcgi_param, fish,
    # `gh secret set`, `pulumi config set --secret`
    pattern = (
        r"\b(?:ENV|ARG|setx|SETX|SetEnv|fastcgi_param|set -[gUx]{1,3}|secret set|config set --secret)"
        r"[ \t]{1,4}[A-Za-z0-9_.:-]{0,32}"
        + KEYWORD
        + r"[A-Za-z0-9_.-]{0,16}[ \t]{1,4}(?:(?:--body|-b|--value)[ =])?[\"']?([^\s\"'=]{4,}={0,2})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        named = _VARIABLE.search(place.text[place.at : place.start])
        name = named[1].decode("latin-1") if named else ""
        value = place.value
        if is_uuid(value):
            return may_be_uuid(name)
        return is_secret(value, sort_of(name), quoted=False, constant=True)


class FormField(Command):
    r"""A part of a form in a request: `name="password"`, an empty line, and the value."""

    # RFC 7578 §4
    pattern = (
        KEYWORD + r"[A-Za-z0-9_.-]{0,24}\"\r?\n(?:[^\nA-Za-z]{0,12}Content-[^\n]{1,80}\n){0,2}"
        r"(?:[ \t]{0,6}[0-9]{1,7}(?:\xe2\x86\x92|[:\t]))?\r?\n(?:[ \t]{0,6}[0-9]{1,7}(?:\xe2\x86\x92|[:\t]))?"
        r"([^\s\"]{4,128})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        name = (
            place.text[max(0, place.at - 40) : place.start]
            .rsplit(b'name="', 1)[-1]
            .partition(b'"')[0]
            .decode("latin-1")
        )
        return is_uuid(place.value) or is_secret(place.value, sort_of(name), quoted=True)


class HtmlField(Command):
    """`<input type="password" value="…">`."""

    # https://html.spec.whatwg.org/multipage/input.html#password-state-(type=password)
    pattern = (
        r"(?i)<input\b[^<>\n]{0,200}?\btype=[\"']?password\b[^<>\n]{0,200}?\bvalue=[\"']([^\"'\n<>]{4,})[\"']"
        r"|<input\b[^<>\n]{0,200}?\bvalue=[\"']([^\"'\n<>]{4,})[\"'][^<>\n]{0,200}?\btype=[\"']?password\b"
    )

    @override
    def accepts(self, place: Place) -> bool:
        return super().accepts(place) and b" " not in place.value


RULES = (Administration(), Protocol(), Netrc(), NuGet(), Variable(), FormField(), HtmlField())
