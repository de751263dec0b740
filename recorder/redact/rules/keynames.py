"""What the name beside a value says about it: a password, a token, or nothing secret."""

import re
from enum import IntEnum
from functools import lru_cache


class Sort(IntEnum):
    """How much a name promises a secret."""

    NONE = 0
    """A name that only speaks of secrets: `max_tokens`, `password_field`, `token_url`."""
    TOKEN = 1
    """A machine's secret: the value has to look made by one."""
    PASSWORD = 2
    """A person's secret: it may look like anything."""


# The words that make a name worth a look, as a pattern.
KEYWORD = (
    r"(?i:pass(?:w(?:or)?d|phrase|code|wd)?|p(?:s|a|as|ss)?w(?:o?r)?d|secrets?|tokens?|api[_.-]?key|access[_.-]?key|auth[_.-]?key|private[_.-]?key"
    r"|encryption[_.-]?key|signing[_.-]?key|master[_.-]?key|account[_.-]?key|shared[_.-]?key|service[_.-]?key|storage[_.-]?key|role[_.-]?key|app[_.-]?key|webhook[_.-]?key"
    r"|hmac[_.-]?key|crypt[_.-]?key|jwt[_.-]?key|secret[_.-]?key|license[_.-]?key|session[_.-]?key|deploy[_.-]?key|cred(?:s\b|entials?|\b)|bearer|pat\b|psk\b|salt[0-9]{0,2}\b|x-amz-signature|dsn\b)"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PASSWORDS = frozenset(
    {
        "password",
        "passwd",
        "pwd",
        "passwords",
        "passphrase",
        "pass",
        "passcode",
        "psk",
        "requirepass",
        "masterauth",
        # German; the end of French `motDePasse`.
        *("passwort", "kennwort", "passe"),
        # As people shorten and mistype it.
        *("pswd", "psword", "pswrd", "psswd", "psswrd", "pssword", "paswd", "pasword", "paswrd", "passwrd", "pword"),
    }
)
_TOKENS = frozenset(
    {"secret", "secrets", "token", "tokens", "key", "apikey", "credential", "credentials", "bearer", "pat", "salt"}
)
_TOKENS |= {"signature", "dsn", "cred", "creds"}
# A key is a secret only with one of these beside it: a plain `key` is an index.
_KEY_SORTS = frozenset(
    """
    api access auth private encryption signing master account shared service secret license session deploy app
    storage webhook hmac crypt jwt role
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
# As the last word these turn a name into one about secrets.
_ABOUT = frozenset(
    """
    id ids url uri name names type types file files path dir count counts limit limits length len size expiry
    expires expiration expiresin ttl header headers field fields prefix suffix env var class policy format regex
    pattern profile label hint placeholder prompt index endpoint audience scope scopes provider version
    algorithm status error errors message min max input required enabled valid strength budget usage cost
    manager mgr exchange store storage handler service helper function method callback ref reference arn digest
    hash hasher hashers checksum sha md kind mode mechanism rotation reset age at spec specs created updated
    generator parser validator factory client model column table param params parameter option options flag
    example description title text page form link button screen view event
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
# `mysqlpass`; not `compass`, `bypass`
_PASS = re.compile(
    r"(?:my|sql|mysql|pg|db|database|ftp|smtp|imap|mail|ldap|ssh|sudo|proxy|redis|mongo|http|wifi|vpn|user|admin|root|login"
    r"|client|server|key|store|keystore)+pass"
)
# `single_pass`, `two_pass`: what is done so often.
_TIMES = frozenset({"single", "one", "two", "multi", "first", "second", "band"})
# Tokens in the plural are counted, unless they are these.
_COUNTLESS = frozenset({"access", "auth", "api", "refresh", "bearer", "secret"})
_PUBLIC = frozenset(
    {
        "public",
        "publishable",
        "max",
        "min",
        "num",
        "total",
        "count",
        "input",
        "output",
        "cache",
        "next",
        "page",
        "first",
    }
)


# Whose personal access token it is.
_PAT_OWNERS = frozenset(
    """
    git github gitlab gh azure ado devops az tfs bitbucket jira confluence atlassian snowflake databricks airtable
    asana figma docker ghcr npm user my api token access personal
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
# UUIDs beside these correlate or page, they open nothing.
_CORRELATING = frozenset(
    """
    session request lifecycle correlation trace idempotency change page continuation next sync device push registration
    csrf lock
    """.split()  # noqa: SIM905 - a table of words reads best as words
)


def words_of(name: str) -> list[str]:
    """Give the words of a name in lower case, without the number or the version at its end."""
    words = [word.lower() for word in _WORD.findall(name)]
    count = len(words)
    while words and words[-1].isdigit():
        words.pop()
    if len(words) < count and words and words[-1] == "v":
        words.pop()
    return words


@lru_cache(maxsize=4096)
def may_be_uuid(name: str) -> bool:
    """Say whether a UUID under a name is a credential: under `api_key` and `token`, not under `session_token`."""
    words = words_of(name)
    if words[-2:] == ["secret", "id"]:  # Vault's AppRole
        return True
    # AWS's `ClientToken` makes a call idempotent.
    return sort_of(name) is not Sort.NONE and not _CORRELATING.intersection(words) and words != ["client", "token"]


@lru_cache(maxsize=4096)
def sort_of(name: str) -> Sort:
    """Judge a name: `DB_PASSWORD`, `clientSecret`, `max_tokens`."""
    words = words_of(name)
    if not words or words[-1] in _ABOUT or _PUBLIC.intersection(words):
        return Sort.NONE
    if words[-1] == "tokens" and not _COUNTLESS.intersection(words):
        return Sort.NONE
    if passwords := _PASSWORDS.intersection(words):
        is_done = passwords == {"pass"} and (_TIMES.intersection(words) or _is_verb(name, words))
        return Sort.NONE if is_done else Sort.PASSWORD
    secret = _TOKENS.intersection(words)
    if secret == {"key"} and not _KEY_SORTS.intersection(words):
        return Sort.NONE
    if secret == {"pat"} and not (words == ["pat"] or name.isupper() or _PAT_OWNERS.intersection(words)):
        return Sort.NONE  # a pattern: `exclude_pat`
    return Sort.TOKEN if secret else _glued(words)


def _is_verb(name: str, words: list[str]) -> bool:
    """Say whether `pass` is what is done: `passValue`, `pass_fds`; not `db_pass`, `DB_PASS_PROD`."""
    return words[-1] != "pass" and not name.isupper()


def _glued(words: list[str]) -> Sort:
    """Judge names whose words are written together: `dbpassword`, `authtoken`."""
    last = words[-1]
    if last.endswith(("password", "passwd", "passphrase", "pwd")) or _PASS.fullmatch(last):
        return Sort.PASSWORD
    return (
        Sort.TOKEN
        if last.endswith(("secret", "token", "apikey", "secretkey", "accesskey", "privatekey"))
        else Sort.NONE
    )
