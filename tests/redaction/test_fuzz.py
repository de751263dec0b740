from pathlib import Path

import pytest

from recorder.redact import Redacted, Redactor
from tests.redaction.fuzz import fuzz
from tests.redaction.report import SEED


def test_no_canary_reaches_the_database(tmp_path: Path) -> None:
    result = fuzz(SEED, 500, tmp_path)
    assert result.errors == []
    assert result.leaks == []


def test_the_search_finds_a_canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pass_through(self: Redactor, data: bytes, *, cut: bool = False) -> Redacted[bytes]:
        return Redacted(data)

    monkeypatch.setattr(Redactor, "json", pass_through)
    monkeypatch.setattr(Redactor, "rescan", lambda self, data: ())
    monkeypatch.setattr(Redactor, "left_in", lambda self, *data: ())
    assert fuzz(SEED, 5, tmp_path).leaks
