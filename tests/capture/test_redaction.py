"""From `[redact]` to a redactor: what can be used is used, what cannot is refused by name."""

from pathlib import Path

import pytest

from recorder.capture.redaction import configured, make_redactor, resolve
from recorder.config import AllowPattern, RedactSettings, RuleSettings
from recorder.errors import ConfigError
from recorder.model import ALLOWED, Credential
from tests.support.recorder_process import RECORDER_CACHE

WORD = "correct-horse-" + "battery-staple"
TOKEN = "ghp_" + "Zk3v" * 9


def test_values_come_from_the_environment_and_from_files(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(f"{WORD}-2\n")
    found = resolve(("env:WORD", f"file:{path}", "env:WORD"), {"WORD": WORD}, where="here")
    assert found == (Credential("known", WORD), Credential("known", f"{WORD}-2"))


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("env:NONE", "env:NONE: the environment has no such variable"),
        ("env:EMPTY", "env:EMPTY: the environment has no such variable, or it is empty"),
        ("env:SHORT", "env:SHORT: 5 characters are too few to look for; give a value of 6"),
        ("file:/no/such/file", "file:/no/such/file: cannot be read"),
        ("file:/", "file:/: cannot be read"),
    ],
)
def test_a_value_that_cannot_be_had_is_named(reference: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"redact known: {said}"):
        configured(RedactSettings(known=(reference,)), {"SHORT": "12345", "EMPTY": ""})


@pytest.mark.parametrize("reference", [WORD, "env:", f"vault:{WORD}"])
def test_a_value_in_the_place_of_a_reference_is_not_repeated(reference: str) -> None:
    with pytest.raises(ConfigError, match="neither env:NAME nor file:PATH") as caught:
        configured(RedactSettings(known=(reference,)), {})
    assert WORD not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (RedactSettings(rule=(RuleSettings(name="acme", pattern="a(?=b)"),)), r"'acme': .*\(invalid perl operator"),
        (RedactSettings(rule=(RuleSettings(name="A b", pattern="a"),)), "redact rule 'A b'"),
        (RedactSettings(allow=(AllowPattern(pattern="("),)), r"redact allow: '\('"),
        (RedactSettings(allow=("",)), "redact allow: an exact value is empty"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(settings: RedactSettings, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        configured(settings, {})


def test_the_redactor_does_what_the_table_says() -> None:
    settings = RedactSettings(
        rule=(RuleSettings(name="acme-token", pattern="acme_[a-z]{8}", keywords=("acme",)),), allow=(TOKEN,)
    )
    redactor = make_redactor(b"k" * 32, (Credential("known", WORD),), settings, cache_dir=RECORDER_CACHE)
    redacted = redactor.text(f"acme_abcdefgh {TOKEN} {WORD}")
    assert TOKEN in redacted.value
    assert WORD not in redacted.value
    assert "acme_abcdefgh" not in redacted.value
    assert {finding.kind for finding in redacted.findings} == {"acme-token", "known", ALLOWED}
