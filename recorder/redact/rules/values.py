"""Whether a value beside a telling name is a secret, or a word, a reference, a piece of code."""

import re

from recorder.redact import guards
from recorder.redact.fingerprint import entropy_bits
from recorder.redact.generated import is_counted, is_generated
from recorder.redact.rules.keynames import Sort
from recorder.redact.runs import decode_base64, is_text

_ALGORITHM = re.compile(
    rb"(?:hmac)?(?:sha|md|utf|base|u?int|float|aes|rsa|ed|hs|rs|es|oauth|ipv|http|v|latin|iso|argon|pbkdf)[-_]?\d[\w.-]{0,12}"
    rb"|rfc-?\d{3,5}[\w.#-]{0,24}",
    re.IGNORECASE,
)
# `0x02`: a constant, not a password
_CODE = re.compile(rb"0[xX][0-9A-Fa-f]{1,8}")
_SPEAKS = re.compile(rb"passw|pwd|secret|token|key|auth|cred|salt", re.IGNORECASE)
# One way to read each text: with two ways to read a word, 4 kB of words that end otherwise take for ever.
_ONE_WORD = rb"(?:[A-Z]?[a-z]+(?:[A-Z][a-z]{2,})*|[A-Z]+)"
_WORDY = re.compile(_ONE_WORD + rb"(?:[-_ .:/=]" + _ONE_WORD + rb")*[.!?:]?")
# `hardcoded`, `open_sesame`, `thisismypassword`: a word in quotes beside `password`, too long for a type or a state.
_ONE_WORD_PASSWORD = re.compile(rb"[A-Za-z][a-z]{3,31}|[a-z]{2,16}[_-][a-z]{3,16}")
# The password that the JDK's own key store has, and thousands of others have kept.
_JAVA = b"changeit"
_SPOKEN_OF = re.compile(
    rb"(?i)^(?:pass|pwd|secret|token|key|auth|cred|current|new|old|confirm|forgot|reset|change|user|login|sign|invalid|missing"
    rb"|wrong|required|optional|disabled|enabled|undefined|forbidden|expired|incorrect|protected|encrypted|hashed|plain|text"
    rb"|input|hidden|off|none|one-|two-|string|default|empty|unknown|redacted|masked|suppress|prompt|keyring|keychain"
    rb"|your|basic|digest|bearer|oauth|bcrypt|argon|scrypt|pbkdf|varchar|char|integer|number|bool|object|array|json|null|true"
    rb"|grant|implicit|random|generat|lower|upper|label|form|field|button|manual|auto|cert|kerberos|ldap|saml|sso|public"
    # The word itself, where it is a label in another language.
    rb"|senha|kennwort|heslo|wachtw|salasana|parol|haslo|contra|clave|mot|adgang|losen|sandi|jelszo|sifre|parool|lozinka"
    rb"|geslo|slaptaz)"
    rb"|(?:[_-](?:password|passwd|pwd|key|token|id|type|field|name|path|file|reset|policy|hash|hint|url|input|auth|env))$"
)
# What LiteLLM's master keys look like when a person makes them up.
_PREFIXED = re.compile(rb"sk-[A-Za-z0-9_-]*[0-9]{4,}[A-Za-z0-9_-]*")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4}){2,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def is_secret(value: bytes, sort: Sort, *, quoted: bool, constant: bool = False) -> bool:
    """Judge a value.

    `quoted`: it stood in quotes or is a JSON string, so it is no code. `constant`: its name is UPPER_CASE, as in an
    environment file, where a value is rarely code.
    """
    if sort is Sort.NONE:
        return False
    if quoted and (guards.is_noise(value) or (sort is Sort.PASSWORD and guards.is_tangled(value))):
        return True
    if guards.is_key(value) or _PREFIXED.fullmatch(value):
        return not (guards.is_filler(value) or guards.is_identifier(value))
    if is_public(value) or (not quoted and _is_code(value, constant=constant)):
        return False
    if guards.is_jumbled(value) or _encodes_text(value) or (sort is Sort.TOKEN and is_counted(value)):
        return True
    return _is_password(value, quoted=quoted, constant=constant) if sort is Sort.PASSWORD else _is_token(value)


def is_one_word(value: bytes) -> bool:
    """Say whether a value is a word that people take for a password, and none that stands beside `password` in code."""
    return value == _JAVA or (bool(_ONE_WORD_PASSWORD.fullmatch(value)) and not _SPOKEN_OF.search(value))


def is_public(value: bytes) -> bool:
    """Say whether a value stands for another, names what it is, or is a text."""
    stands_for_another = guards.is_reference(value) or guards.is_filler(value) or guards.is_template(value)
    named = (
        guards.is_word(value) or guards.is_identifier(value) or _ALGORITHM.fullmatch(value) or _CODE.fullmatch(value)
    )
    constant = guards.is_snake(value) and _SPEAKS.search(value)
    counted = guards.is_version(value)
    return bool(stands_for_another or named or constant or counted or value.count(b" ") > 4 or b"\n" in value)


def _is_code(value: bytes, *, constant: bool) -> bool:
    if guards.is_call(value) or (guards.is_expression(value) and not guards.is_random(value)):
        return True
    if constant or guards.is_jumbled(value) or _encodes_text(value):
        return False
    return (
        guards.is_code(value) or guards.is_camel(value) or bool(_SPEAKS.search(value) and not guards.is_random(value))
    )


def _encodes_text(value: bytes) -> bool:
    """Say whether a value is base64 of text, as in a Kubernetes Secret."""
    return _BASE64.fullmatch(value) is not None and is_text(decode_base64(value), share=1.0)


def _is_password(value: bytes, *, quoted: bool, constant: bool) -> bool:
    if len(value) < 4:
        return False
    if _WORDY.fullmatch(value):
        if quoted and is_one_word(value):
            return True
        return constant and not _SPEAKS.search(value) and b" " not in value and len(value) >= 6
    if b" " in value and not re.search(rb"\d", value):
        return False
    if value.isdigit():
        return len(value) >= (4 if quoted else 6)
    kinds = guards.classes(value)
    return kinds >= 2 and (quoted or constant or kinds >= 3 or bool(re.search(rb"\d", value)))


def _is_token(value: bytes) -> bool:
    if len(value) < 8 or b" " in value or _WORDY.fullmatch(value):
        return False
    if len(value) < 10:
        return guards.is_made_up(value) or is_generated(value, least=8)
    if re.search(rb"[a-z][#!@$%^&*+~][a-z]", value, re.IGNORECASE) and not re.search(rb"[<>(){}\[\]|]", value):
        return True
    digits = len(re.findall(rb"\d", value))
    mixed = digits >= 2 or guards.classes(value) >= 3
    return mixed and entropy_bits(value) / len(value) >= 2.7
