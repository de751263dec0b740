"""More passwords as arguments of commands, and of lines that configure one: each takes it at a place of its own."""

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
        r"|\b(?:keytool|jarsigner)\b[^\n|;&]{0,400}?\s-(?:src|dest)?(?:store|key)pass\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\bopenssl\s+(?:enc|aes-[a-z0-9-]{6,12}|des3)\b[^\n|;&]{0,200}?\s-k\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\blftp\b[^\n|;&]{0,80}?\s-u\s+[^\s,]{1,64},[\"']?([^\s\"']{4,})"
        r"|\bsnmp(?:walk|get|set|bulkwalk)\b[^\n|;&]{0,200}?\s-[AX]\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\b(?:twine|mongo)\b[^\n|;&]{0,200}?\s-p\s+[\"']?([^\s\"'-][^\s\"']{3,})"
        r"|\bvault\s+login\s+(?:-[a-z=-]{2,32}\s+)?([A-Za-z0-9._-]{16,}={0,2})"
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


class Variable(Command):
    """`ENV API_TOKEN …` of a Dockerfile, `setx API_TOKEN …`: name and value with nothing but a space between them."""

    # https://docs.docker.com/reference/dockerfile/#env, setx of Windows
    pattern = (
        r"\b(?:ENV|ARG|setx|SETX)[ \t]{1,4}[A-Za-z0-9_]{0,32}"
        + KEYWORD
        + r"[A-Za-z0-9_]{0,16}[ \t]{1,4}[\"']?([^\s\"'=]{4,})"
    )

    @override
    def accepts(self, place: Place) -> bool:
        name = place.text[place.at : place.start].split()[1].decode("latin-1")
        value = place.value
        if is_uuid(value):
            return may_be_uuid(name)
        return is_secret(value, sort_of(name), quoted=False, constant=True)


class FormField(Command):
    r"""A part of a form in a request: `name="password"`, an empty line, and the value."""

    # RFC 7578 §4
    pattern = KEYWORD + r"[A-Za-z0-9_.-]{0,24}\"\r?\n(?:Content-[^\n]{1,80}\n){0,2}\r?\n([^\s\"]{4,128})"

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


RULES = (Administration(), Netrc(), NuGet(), Variable(), FormField(), HtmlField())
