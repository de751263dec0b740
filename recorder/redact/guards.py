"""What looks like a secret and is none: placeholders, references to variables, ids, hashes, paths, code.

`re` is safe here: guards see single values of bounded length.
"""

import re

from recorder.redact.fingerprint import PLACEHOLDER, entropy_bits

_FILLER = re.compile(rb"[xX*.\-_0#?<>]*")
_SPOKEN = re.compile(
    rb"your[-_ ]|example|placeholder|redacted|dummy|change[-_ ]?me|x{5}|X{5}"
    rb"|\*{3}|\.{3}|\xe2\x80\xa6|<[a-z]|insert[-_ ]|replace[-_ ]|not[-_]needed|[-_]here\b|todo\b|fake[-_]|sample[-_]",
    re.IGNORECASE,
)
_MINE = re.compile(rb"my[-_ ]?(?:secret|api|token|key|pass)", re.IGNORECASE)
_REFERENCE = re.compile(
    rb"[$%@&#]\{|\{\{|\{[\w.:]*\}|\{[\w.]+[(\[]|\(\(|\$[A-Za-z_(]|%\(|%[A-Za-z_]+%|\{\{|<%|process\.env|os\.(?:environ|getenv)|getenv|ENV\[|env[:.(\[]"
    rb"|(?:keyring|file|vault|helper|ref|secret|ssm|sm|op):|![A-Za-z:]+(?:\s|\Z)|[:;,)}\]]|\+[(\[]|arn:|https?://|/|\./|~/|\.\./|self\.|this\.|config\.|settings\."
)
# A variable, a template, an address, a path.
_STANDS_IN = re.compile(rb"[$%@&#!]?[{(]|\$[A-Za-z_]|%[A-Za-z_]|https?:|[.~]{0,2}/|arn:")
_WORDS = re.compile(
    rb"[\W_]*(?:none|null|nil|true|false|undefined|string|str|text|password|passwd|secret|token|bytes|number|integer|boolean"
    rb"|required|optional|hidden|redacted|masked|unknown|default|disabled|enabled|bearer|basic|value|empty|invalid"
    rb"|missing|n/?a)[\W_]*",
    re.IGNORECASE,
)
_UUID = rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_DIGEST = rb"(?:sha(?:1|224|256|384|512)|md5|h1|blake[23][bs]?)[-:=/][A-Za-z0-9+/=_-]+"
_PROVIDER_ID = rb"(?:toolu|msg|req|srvtoolu|file|call|chatcmpl|resp|agent|session|user|org|batch)_[A-Za-z0-9_-]+"
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html: `i-`, `ami-`, `subnet-` and 17 digits
_RESOURCE_ID = rb"[a-z]{1,12}-[0-9a-f]{17}"
_DATED = rb"\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]*)?"
_IDENTIFIER = re.compile(rb"|".join((_UUID, _DIGEST, _PROVIDER_ID, _RESOURCE_ID, _DATED)))
_NAME = re.compile(rb"[A-Za-z_][A-Za-z_]*(?:[.\-/:][A-Za-z_]+)*")
_DOTTED_CODE = re.compile(rb"[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+(?:[(\[].*)?")
_FORMAT = re.compile(rb"%[sdr]\b|\{[a-z_]*\}|\w\[:\w+\]")
_PATTERN = re.compile(rb"\(\?|\[\^|\[[A-Za-z0-9\\]-|[\])][{*+?]|\\+[dwsb]\b")
_COLOUR = re.compile(rb"#[0-9A-Fa-f]{3,8}")
_EXPRESSION = re.compile(rb"[=!]==|[=!]=[\w'\"(]|\?\.|&&|\|\||=>|->|::|\A[A-Za-z_]\w*\??\.[A-Za-z_]")
_SNAKE = re.compile(rb"_{0,2}(?:[a-z]+\d?(?:_[a-z0-9]+)+|[A-Z]+\d?(?:_[A-Z0-9]+)+)")
_CALL = re.compile(rb"[A-Za-z_][\w.:$]*[(\[].*")

# The beginning of one; some write its first two words the other way round.
_ARN = re.compile(rb"\b(?:arn:[a-z-]{2,12}|aws:arn):[A-Za-z0-9:/_-]{0,120}\Z")
_ARN_BYTES = 160

# `i+1}}return`, `A?y:void`: what a minifier leaves around a short name
_MINIFIED = re.compile(
    rb"\A[\w.]{1,40}\}[a-z]+\Z|\}(?:return|else|function|catch|finally|var|let|const)\b|\A[\w.]{1,3}\?[^:]*:"
)
_ATTRIBUTE = re.compile(rb"[a-z_]+\d{0,3}(?:\.[a-z_]+\d{0,3})+")

_ODD = re.compile(rb"[!@#$%^&*~+?|]")
# Brackets and statements, addresses, variables, versions (`v1.2.3/go.mod`), `host:8080`, quantities (`12ms`).
_NOT_MADE = re.compile(
    rb"[()\[\]{}<>\\;,]|::|://|\A[./$%]|\A[vV]?\d+(?:\.\d+)+(?:[-+/][\w.+/-]*)?\Z|[A-Za-z]:\d{2,5}\Z"
    rb"|\A\d[\d.,:/-]*[a-zA-Z]{0,3}\Z"
)
_NUMBERED_WORDS = re.compile(rb"[A-Za-z]{3,}(?:-[A-Za-z]{2,})+-?[0-9]{2,}|[A-Z][a-z]{2,}[A-Z][A-Za-z]{2,}[0-9]{2,}")
# `HmacSHA256`, `chacha20poly1305`, `secp256k1`
_NUMBERED_NAMES = re.compile(
    rb"(?i)sha[0-9]|hmac|chacha|secp|curve|aes|rsa[0-9]|md[0-9]|utf|ascii|base[0-9]|x509|crc|0x"
)
_CLOSES = dict(zip(b")]}", b"([{", strict=True))
# A name of words that a digit or two stand between: `defaultToConfig2`, `Saml2X509Credential`, `_resolve$withCr`.
_NAMED = re.compile(
    rb"[_$]{0,2}(?:[A-Za-z][a-z]+[0-9]{0,3}|[A-Z]{1,4}[0-9]{0,3})(?:[_$]?(?:[A-Z][a-z]+[0-9]{0,3}|[A-Z]{1,4}[0-9]{0,3})|[_$][a-z]+){1,8}"
)
_CAMEL = re.compile(
    rb"[A-Za-z]?[a-z]+[0-9]{0,2}(?:[A-Z][a-z]+)*|(?:[A-Z][a-z]+)+[0-9]{0,2}|[A-Z]+-?[0-9]{1,4}[a-z]{0,2}"
)
_BASE64_KEY = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")


def is_filler(value: bytes) -> bool:
    """Say whether a formatted value is a documentation placeholder (`sk-ant-...`, `xxxxxxxx`, `AKIA…EXAMPLE`)."""
    if _MINE.search(value) and len(re.findall(rb"[0-9]", value)) < 3:
        return True
    return bool(_SPOKEN.search(value) or _FILLER.fullmatch(value) or PLACEHOLDER.search(value))


def is_reference(value: bytes) -> bool:
    """Say whether a value stands for another one: a variable, a path, a URL, a template, a placeholder of ours."""
    return bool(_REFERENCE.match(value) or PLACEHOLDER.match(value) or _FILLER.fullmatch(value))


def is_template(value: bytes) -> bool:
    """Say whether a value is a format string, a regular expression or a colour."""
    return bool(_FORMAT.search(value) or _PATTERN.search(value) or _COLOUR.fullmatch(value))


def is_identifier(value: bytes) -> bool:
    """Say whether a value has the shape of a public id or a digest that names its algorithm."""
    return bool(_IDENTIFIER.fullmatch(value))


def is_in_arn(text: bytes, at: int) -> bool:
    """Say whether what begins at `at` is the end of a resource's address: `arn:aws:secretsmanager:…:secret:name`."""
    return bool(_ARN.search(text[max(0, at - _ARN_BYTES) : at]))


def is_word(value: bytes) -> bool:
    """Say whether a value is a word that stands beside `password` in types, forms and messages."""
    return bool(_WORDS.fullmatch(value))


def is_code(value: bytes) -> bool:
    """Say whether an unquoted value is source code: a name, an attribute, a call."""
    return bool(_NAME.fullmatch(value) or _DOTTED_CODE.fullmatch(value) or _CALL.fullmatch(value))


def is_expression(value: bytes) -> bool:
    """Say whether an unquoted value has operators of programming languages in it."""
    return bool(_EXPRESSION.search(value)) or is_minified(value)


def is_minified(value: bytes) -> bool:
    """Say whether a value is a piece of minified code."""
    return bool(_MINIFIED.search(value))


def is_camel(value: bytes) -> bool:
    """Say whether a value is a name of several words, of which one may be numbered: `Saml2X509Credential`."""
    worded = sum(map(len, re.findall(rb"[A-Z]?[a-z]{3,}", value))) * 2 > len(value)
    numbered = re.search(rb"[0-9]{2,}\Z", value) is not None
    return worded and not numbered and len(re.findall(rb"[0-9]", value)) <= 4 and bool(_NAMED.fullmatch(value))


def is_version(value: bytes) -> bool:
    """Say whether a value is the number of a version or a quantity: `1.8.4`, `15.minutes`."""
    return bool(
        re.fullmatch(rb"(?:[a-z]+-){0,4}[vV^~]?[0-9]+(?:\.[0-9x]+)+(?:[-+][\w.]+)?|[0-9]{1,4}\.[a-z_]{3,}", value)
    )


def is_attribute(value: bytes) -> bool:
    """Say whether a value is a module's or an object's attribute: `base64.decodebytes`."""
    return bool(_ATTRIBUTE.fullmatch(value))


def is_snake(value: bytes) -> bool:
    """Say whether a value is a constant's or an enumeration's name: `oauth2_token_exchange`."""
    return bool(_SNAKE.fullmatch(value))


def is_call(value: bytes) -> bool:
    """Say whether a value is a whole call or subscript: `Required[str]`, `load()`."""
    return bool(_CALL.fullmatch(value) and value.endswith((b")", b"]")))


def is_made_up(value: bytes) -> bool:
    """Say whether a value that is no code looks like a password: letters and digits, and more than a numbered name.

    `Ember@57`, `velvet-coral-37`, `CherryIsland78`, `PoD1zCPU`; not `Utf8PathBuf`, `SHA-256`, `v1.2.3`.
    """
    if not 6 <= len(value) <= 128 or _NOT_MADE.search(value) or not re.search(rb"[A-Za-z]", value):
        return False
    if not re.search(rb"[0-9]", value):
        return is_jumbled(value) or bool(len(value) >= 8 and _ODD.search(value[1:-1]) and classes(value) >= 3)
    if _ODD.search(value) or _NUMBERED_WORDS.fullmatch(value):
        return True
    return classes(value) >= 3 and not (_CAMEL.fullmatch(value) or is_camel(value))


def is_plainly_made(value: bytes) -> bool:
    """Say whether a value beside a word for passwords is one: letters and at least three digits, `timber6710`."""
    digits = len(re.findall(rb"[0-9]", value))
    if not (7 <= len(value) <= 64 and value.isalnum() and 3 <= digits <= len(value) - 2):
        return False
    return not (_NUMBERED_NAMES.search(value) or is_camel(value))


def is_key(value: bytes) -> bool:
    """Say whether a value is random base64 of the length of a key, padded or not: it is no path though it holds `/`."""
    if not _BASE64_KEY.fullmatch(value) or classes(value) < 3:
        return False
    return is_random(value) and max(map(len, value.split(b"/"))) >= 12


def is_noise(value: bytes) -> bool:
    """Say whether a value is so full of different signs that it is no template and no pattern: `r&lvy*k+qq)=x-!`.

    The signs of a placeholder are ours.
    """
    if b"[REDACTED:" in value:
        value = PLACEHOLDER.sub(b"", value)
    if re.search(rb"\(\?|\[\^|A-Z|a-z|0-9|\Ahttps?://|\A\{[\w.]+[(\[]", value):
        return False  # a regular expression, an address
    odd = re.findall(rb"[^A-Za-z0-9\s]", value)
    is_full = (
        24 <= len(value) <= 160
        and value.count(b" ") * 20 <= len(value)
        and len(odd) >= 6
        and len(set(odd)) >= 5
        and entropy_bits(value) / len(value) >= 4.2
    )
    if not is_full:
        return False
    if classes(value) >= 3 and re.search(rb"[0-9]", value) and not _FORMAT.search(value):
        return True
    # What a template opens it closes, and in the same order.
    return len(set(odd)) >= 8 and not _is_balanced(value)


def is_tangled(value: bytes) -> bool:
    """Say whether a value of 8 to 64 characters mixes all sorts of signs as no code does: `aB3;x>9Q`."""
    if not 8 <= len(value) <= 64 or classes(value) < 4 or re.search(rb"\s", value):
        return False
    if _EXPRESSION.search(value) or is_template(value) or is_filler(value) or _STANDS_IN.match(value):
        return False
    called = re.search(rb"[A-Za-z_]\w*[(\[{]", value) and _is_balanced(value)
    odd = set(re.findall(rb"[^A-Za-z0-9_.]", value))
    return not called and len(odd) > 1 and len(re.findall(rb"[A-Za-z]{4,}", value)) <= 1


def _is_balanced(value: bytes) -> bool:
    opened: list[int] = []
    for byte in value:
        if byte in b"([{":
            opened.append(byte)
        elif byte in _CLOSES and (not opened or opened.pop() != _CLOSES[byte]):
            return False
    return not opened


def is_jumbled(value: bytes) -> bool:
    """Say whether letters change their case oftener than names do: `bXlwYXNz`."""
    return len(re.findall(rb"[a-z](?=[A-Z])", value)) * 5 >= len(value) >= 12


def classes(value: bytes) -> int:
    """How many of lower case, upper case, digits and other characters occur."""
    return sum(bool(re.search(one, value)) for one in (rb"[a-z]", rb"[A-Z]", rb"[0-9]", rb"[^A-Za-z0-9]"))


def is_random(value: bytes) -> bool:
    """Say whether a value looks made by a generator rather than written by a person."""
    if len(value) < 16 or b" " in value:
        return False
    digits = len(re.findall(rb"[0-9]", value))
    return digits >= 2 and entropy_bits(value) / len(value) >= 3.0
