"""Values in the cell behind a name: tables of CSV, tabs, columns, the Windows registry; and in calls that wrap one."""

import re
from typing import override

from recorder.redact.generated import is_generated, is_hex_key
from recorder.redact.guards import is_code, is_made_up, is_plainly_made
from recorder.redact.rules.assignments import Named, name_at
from recorder.redact.rules.base import Place
from recorder.redact.rules.keynames import KEYWORD, Sort, sort_of
from recorder.redact.rules.values import is_secret

# A name that fills its cell.
_CELL_BEGINS = re.compile(rb"(?:^|[\n,|;\t\"]|[ ]{2}|\xe2\x86\x92|[0-9]:)[ \t]{0,24}[A-Za-z0-9_.-]{0,40}\Z")
_NAME_BYTES = 80


class Cell(Named):
    """`1,refresh_token,…`, `DB_PASSWORD    REG_SZ    …`, a line of `COPY … FROM stdin`."""

    # RFC 4180, https://www.postgresql.org/docs/current/sql-copy.html, `reg query` of Windows, PowerShell's lists
    pattern = (
        KEYWORD + r"[A-Za-z0-9_.-]{0,32}[\"'`]?"
        r"(?:[,;\t]|[ ]{1,16}\|[ ]{1,8}|[ \t]{1,16}REG_(?:EXPAND_|MULTI_)?SZ[ \t]{1,16}|[ ]{3,40})"
        r"[\"'`]?([^\s\"'`,;|<>:(){}\[\]]{7,200})[\"'`]?[ \t]{0,40}(?:[\r\n,;|\t\"]|[ ]{2}|$)"
    )

    @override
    def accepts(self, place: Place) -> bool:
        if not _CELL_BEGINS.search(place.text[max(0, place.at - _NAME_BYTES) : place.at]):
            return False
        value, sort = place.value, sort_of(name_at(place.text, place.at))
        if is_code(value):
            return False  # `TOKEN_ALL_ACCESS | win32con.TOKEN_READ`
        made = is_generated(value) or is_hex_key(value) or is_made_up(value)
        plainly = sort is Sort.PASSWORD and is_plainly_made(value)
        return sort is not Sort.NONE and (made or plainly) and is_secret(value, sort, quoted=True)


class Wrapped(Named):
    """`let secret = String::from("…")`, `api_key = SecretStr("…")`, `token: Buffer.from("…")`."""

    # https://doc.rust-lang.org/std/string, https://docs.rs/secrecy, https://docs.pydantic.dev/latest/api/types,
    # https://nodejs.org/api/buffer.html, https://www.pulumi.com/docs/iac/concepts/secrets
    pattern = (
        KEYWORD
        + r"[A-Za-z0-9_.-]{0,32}[\"'`\])]{0,3}(?:\s{0,2}:\s{0,2}[A-Za-z_.&<>\[\]|' ]{1,32})?\s{0,4}(?::=|=>|=|:)\s{0,4}"
        r"(?:new[ ])?(?:String::from|SecretString::(?:new|from)|Secret(?:Str|String|Bytes)?(?:::new|\.of)?|String|Some"
        r"|Buffer\.from|\[\]byte|b64decode|base64\.b64decode|bytes|str|Optional\.of|SecureString|pulumi\.secret|sensitive"
        r"|aws\.String|to\.Ptr|pointer\.String|ptr\.To|Guarded|Zeroizing::new|Box::new|Arc::from|CString::new)"
        r"\(\s{0,4}[bBrRuU@]{0,2}"
        r"(?:\"([^\"\n]{4,})\"|'([^'\n]{4,})')"
    )


RULES = (Cell(), Wrapped())
