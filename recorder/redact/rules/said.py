"""Secrets that a sentence names: in languages of other scripts, behind a compound name, at the end of a notice."""

import re
from typing import override

from recorder.redact.generated import is_generated, is_hex_key
from recorder.redact.guards import classes, is_made_up, is_plainly_made, is_random
from recorder.redact.rules.assignments import Named, name_at
from recorder.redact.rules.base import Place
from recorder.redact.rules.keynames import KEYWORD, Sort, sort_of
from recorder.redact.rules.languages import FAR_WORDS
from recorder.redact.rules.talk import Spoken
from recorder.redact.rules.values import is_secret

_ENDS = b".,;:!?)*#"


def _is_said(value: bytes) -> bool:
    made = is_made_up(value) or is_plainly_made(value) or is_generated(value) or is_hex_key(value)
    return made and is_secret(value, Sort.PASSWORD, quoted=True)


class FarProse(Spoken):
    """`密码是…`, `パスワードは … です`, `пароль от базы …`: what stands between is of the same script."""

    pattern = (
        r"(?:" + FAR_WORDS + r")(?:[\x80-\xff]|[ \t:=*\"'`(]){1,48}"
        r"([!-~][^\s\"'`<>\x80-\xff]{5,64})"
    )
    prefilter = (FAR_WORDS,)

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.partition(b"\\")[0]
        bare = value.rstrip(_ENDS)
        varied = re.search(rb"[0-9]", bare) and classes(bare) >= 3 and is_secret(bare, Sort.PASSWORD, quoted=True)
        return bool(varied) or _is_said(value) or _is_said(bare)


class Notice(Spoken):
    """`A temporary password is generated for root@localhost: …`, `Initial password of the console: …`."""

    # mysqld --initialize, GitLab's and Jenkins' first start, Elasticsearch's reset tool
    pattern = r"(?i)\bpass(?:word|phrase|wd)\b[^\n:\"'`=]{1,80}:[ \t]{1,4}([^\s\"'`]{6,64})[ \t]{0,4}(?:[\r\n\"]|\\n|$)"

    @override
    def accepts(self, place: Place) -> bool:
        return _is_said(place.value)


class NamedSaid(Named):
    """``The authToken is `…` ``, `clientSecret is "…"`: a name of code in a sentence."""

    pattern = KEYWORD + r"[A-Za-z0-9_-]{0,24}[\"'`*]{0,2}[ \t]{1,2}(?:is|was)[ \t:]{1,2}[\"'`*]{0,2}([^\s\"'`<>]{12,})"

    @override
    def accepts(self, place: Place) -> bool:
        value = place.value.rstrip(_ENDS)
        sort = sort_of(name_at(place.text, place.at))
        made = is_made_up(value) or is_random(value) or is_generated(value) or is_hex_key(value)
        return sort is not Sort.NONE and made and is_secret(value, sort, quoted=True)


RULES = (FarProse(), Notice(), NamedSaid())
