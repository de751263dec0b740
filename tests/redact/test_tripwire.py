"""The second look: silent where redaction did its work, and not deceived where it did not."""

import json

import pytest

from recorder.model import Credential
from recorder.redact import Allow, Redactor, UserRule
from tests.redaction.corpus import positives
from tests.redaction.negatives import negatives
from tests.redaction.report import SEED
from tests.support.redactors import fresh

TOKEN = "ghp_" + "Zk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJa123"
GROQ = "gsk_" + "Zk3vQ8mW1xR5tY7uB2nC" + "4pL6sD9fG0hJa123Xk3vQ8mW1xR5tY7u"
WORD = "correct-horse-" + "battery-staple"
ALLOWED = "ghp_" + "Xk3vQ8mW1xR5tY7uB2nC4pL6sD9fG0hJa321"


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return fresh(
        [Credential("known", WORD)],
        rules=[UserRule("acme-token", "acme_[a-z]{8}")],
        allow=[Allow(exact=ALLOWED)],
    )


def test_what_was_redacted_is_passed(redactor: Redactor) -> None:
    cases = list(positives(SEED, 1))
    stored = [case.stored(redactor).encode("utf-8", "surrogatepass") for case in cases]
    hits = [redactor.left_in(content) for content in stored]
    assert [(case.kind, case.way, hit) for case, hit in zip(cases, hits, strict=True) if hit] == []


def test_what_is_no_secret_is_passed(redactor: Redactor) -> None:
    stored = [redactor.json(one.given).value for one in negatives(SEED, 10)]
    assert [content for content in stored if redactor.left_in(content)] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (TOKEN, "github-pat"),
        (f"\n{TOKEN}", "github-pat"),
        (f'"{TOKEN}"', "github-pat"),
        (f"\n{GROQ}", "groq-api-key"),
        (WORD, "known"),
        (WORD.encode().hex(), "known"),
        ("acme_abcdefgh", "acme-token"),
        (
            "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 9 + "-----END PRIVATE KEY-----",
            "private-key",
        ),
    ],
)
def test_what_redaction_left_is_found(redactor: Redactor, text: str, kind: str) -> None:
    assert redactor.left_in(json.dumps({"text": f"so {text} it is"}).encode()) == (kind,)


@pytest.mark.parametrize("others", [0, 2000])
@pytest.mark.parametrize("escape", ["\\n", "\\r", "\\t", "\\/", '\\"'])
def test_an_escape_does_not_hide_where_a_secret_begins(redactor: Redactor, escape: str, others: int) -> None:
    """The letter of `\\r` would be the first of `rgsk_…`; few of the rare ones and many are put aside in two ways."""
    text = "a\\rb\\tc " * others + f"so{escape}{GROQ}"
    assert redactor.left_in(f'{{"text": "{text} it is"}}'.encode()) == ("groq-api-key",)


def test_what_is_allowed_and_what_was_replaced_is_passed(redactor: Redactor) -> None:
    text = f"{ALLOWED} [REDACTED:known:0123456789abcdef0123456789abcdef] [REDACTED:acme-token]"
    assert redactor.left_in(json.dumps(text).encode()) == ()
