"""What looks like a secret and is none: placeholders, references to variables, ids, hashes, paths, code.

`re` is safe here: guards see single values of bounded length.
"""

import re

from recorder.redact.fingerprint import PLACEHOLDER, entropy_bits

_FILLER = re.compile(rb"[xX*.\-_0#?<>]*")
_SPOKEN = re.compile(
    rb"your[-_ ]|my[-_ ]?(?:secret|api|token|key|pass)|example|placeholder|redacted|dummy|change[-_ ]?me|x{5}|X{5}"
    rb"|\*{3}|\.{3}|\xe2\x80\xa6|<[a-z]|insert[-_ ]|replace[-_ ]|not[-_]needed|[-_]here\b|todo\b|fake[-_]|sample[-_]",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    rb"[$%@&#]\{|\{\{|\{[\w.:]*\}|\(\(|\$[A-Za-z_(]|%\(|%[A-Za-z_]+%|\{\{|<%|process\.env|os\.(?:environ|getenv)|getenv|ENV\[|env[:.(\[]"
    rb"|(?:keyring|file|vault|helper|ref|secret|ssm|sm|op):|!|[:;,)}\]]|\+[(\[]|arn:|https?://|/|\./|~/|\.\./|self\.|this\.|config\.|settings\."
)
_WORDS = re.compile(
    rb"(?:none|null|nil|true|false|undefined|string|str|text|password|passwd|secret|token|bytes|number|integer|boolean"
    rb"|required|optional|hidden|redacted|masked|unknown|default|disabled|enabled|bearer|basic|value|empty|invalid"
    rb"|missing|n/?a)[\W_]*",
    re.IGNORECASE,
)
_UUID = rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_DIGEST = rb"(?:sha(?:1|224|256|384|512)|md5|h1|blake[23][bs]?)[-:=][A-Za-z0-9+/=_-]+"
_PROVIDER_ID = rb"(?:toolu|msg|req|srvtoolu|file|call|chatcmpl|resp|agent|session|user|org|batch)_[A-Za-z0-9_-]+"
_DATED = rb"\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]*)?"
_IDENTIFIER = re.compile(rb"|".join((_UUID, _DIGEST, _PROVIDER_ID, _DATED)))
_NAME = re.compile(rb"[A-Za-z_][A-Za-z_]*(?:[.\-/:][A-Za-z_]+)*")
_DOTTED_CODE = re.compile(rb"[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+(?:[(\[].*)?")
_FORMAT = re.compile(rb"%[sdr]\b|\{[a-z_]*\}")
_PATTERN = re.compile(rb"\(\?|\[\^|\[[A-Za-z0-9\\]-|[\])][{*+?]|\\+[dwsb]\b")
_COLOUR = re.compile(rb"#[0-9A-Fa-f]{3,8}")
_EXPRESSION = re.compile(rb"[=!]==|[=!]=[\w'\"(]|\?\.|&&|\|\||=>|->|::|\A[A-Za-z_]\w*\??\.[A-Za-z_]")
_SNAKE = re.compile(rb"[a-z]+\d?(?:_[a-z0-9]+)+|[A-Z]+\d?(?:_[A-Z0-9]+)+")
_CALL = re.compile(rb"[A-Za-z_][\w.:]*[(\[].*")


def is_filler(value: bytes) -> bool:
    """Say whether a formatted value is a documentation placeholder (`sk-ant-...`, `xxxxxxxx`, `AKIA…EXAMPLE`)."""
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


def is_word(value: bytes) -> bool:
    """Say whether a value is a word that stands beside `password` in types, forms and messages."""
    return bool(_WORDS.fullmatch(value))


def is_code(value: bytes) -> bool:
    """Say whether an unquoted value is source code: a name, an attribute, a call."""
    return bool(_NAME.fullmatch(value) or _DOTTED_CODE.fullmatch(value) or _CALL.fullmatch(value))


def is_expression(value: bytes) -> bool:
    """Say whether an unquoted value has operators of programming languages in it."""
    return bool(_EXPRESSION.search(value))


def is_snake(value: bytes) -> bool:
    """Say whether a value is a constant's or an enumeration's name: `oauth2_token_exchange`."""
    return bool(_SNAKE.fullmatch(value))


def is_call(value: bytes) -> bool:
    """Say whether a value is a whole call or subscript: `Required[str]`, `load()`."""
    return bool(_CALL.fullmatch(value) and value.endswith((b")", b"]")))


def is_jumbled(value: bytes) -> bool:
    """Say whether letters change their case oftener than names do: `bXlwYXNz`."""
    return len(re.findall(rb"[a-z](?=[A-Z])", value)) * 6 >= len(value) >= 12


def classes(value: bytes) -> int:
    """How many of lower case, upper case, digits and other characters occur."""
    return sum(bool(re.search(one, value)) for one in (rb"[a-z]", rb"[A-Z]", rb"[0-9]", rb"[^A-Za-z0-9]"))


def is_random(value: bytes) -> bool:
    """Say whether a value looks made by a generator rather than written by a person."""
    if len(value) < 16 or b" " in value:
        return False
    digits = len(re.findall(rb"[0-9]", value))
    return digits >= 2 and entropy_bits(value) / len(value) >= 3.0
