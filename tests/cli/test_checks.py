import importlib.metadata
from datetime import UTC, datetime

import pytest

from recorder.capture.key_ring import ensure_ring, rotate
from recorder.capture.signing_keys import SIGNING_KEY, ensure_signing_keys
from recorder.cli import checks
from recorder.cli.checks import Verdict
from recorder.cli.claude_settings import ClaudeSettings, Source
from recorder.config import Settings
from recorder.store import driver
from recorder.store.database import open_writer


def by_name(found):
    return {check.name: check for check in found}


def connection(shell, *sources, **settings):
    shell = {"HOME": "/nonexistent", "PATH": "/nonexistent", **shell}
    return by_name(checks.connection(Settings(**settings), ClaudeSettings(sources), shell))


def test_this_installation(clean_env):
    assert Verdict.WRONG not in {check.verdict for check in checks.installation()}


def test_an_old_sqlite_is_named(monkeypatch):
    monkeypatch.setattr(driver, "sqlite_version_info", (3, 40, 1))
    check = by_name(checks.installation())["SQLite"]
    assert check.verdict is Verdict.WARNING
    assert "WAL-reset bug" in check.found
    assert "3.51.3" in check.remedy


@pytest.mark.parametrize(
    ("version", "verdict"),
    [("12.2.3", "ok"), ("12.10.0", "ok"), ("12.1.9", "wrong"), ("13.0.0", "wrong"), ("11.0.2", "wrong")],
)
def test_mitmproxy(monkeypatch, version, verdict):
    monkeypatch.setattr(importlib.metadata, "version", lambda _: version)
    assert by_name(checks.installation())["mitmproxy"].verdict == verdict


def test_database(tmp_path):
    path = tmp_path / "r.db"
    assert by_name(checks.database(path))["database"].verdict is Verdict.OK
    open_writer(path).close()
    found = by_name(checks.database(path))
    assert [check.verdict for check in found.values()] == ["ok", "ok"]
    assert found["journal mode"].found == "wal"
    path.chmod(0o644)
    check = by_name(checks.database(path))["database"]
    assert (check.verdict, check.remedy) == ("wrong", f"others can read it: chmod 600 '{path}'")


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "r.db"
    path.write_bytes(b"something else")
    path.chmod(0o600)
    assert by_name(checks.database(path))["journal mode"].verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("shell", "sources", "settings", "found"),
    [
        ({}, (), {}, "https://api.anthropic.com (default)"),
        ({"ANTHROPIC_BASE_URL": "http://e"}, (), {}, "http://e (ANTHROPIC_BASE_URL in the environment)"),
        (
            {"ANTHROPIC_BASE_URL": "http://e"},
            (Source("/s.json", {"ANTHROPIC_BASE_URL": "http://f"}),),
            {},
            "http://f (ANTHROPIC_BASE_URL in /s.json)",
        ),
        ({}, (), {"upstream": "http://u"}, "http://u (the recorder's setting `upstream`)"),
    ],
)
def test_base_url_and_its_origin(shell, sources, settings, found):
    assert connection(shell, *sources, **settings)["Anthropic base URL"].found == found


def test_a_wrong_base_url():
    check = connection({"ANTHROPIC_BASE_URL": "gateway"})["base URL"]
    assert check.verdict is Verdict.WRONG


def test_policy_that_bypasses_is_told():
    found = connection({}, Source("/etc/m.json", {"ANTHROPIC_BASE_URL": "https://corp"}, managed=True))
    assert "bypasses the recorder" in found["way to capture"].found


@pytest.mark.parametrize(
    ("shell", "verdict"),
    [
        ({}, "ok"),
        ({"HTTPS_PROXY": "http://me:hidden@p:1", "NO_PROXY": "127.0.0.1"}, "ok"),
        ({"HTTPS_PROXY": "http://me:hidden@p:1"}, "warning"),
    ],
)
def test_no_proxy(shell, verdict):
    check = connection(shell)["proxy"]
    assert check.verdict == verdict
    assert "hidden" not in check.found


def test_claude_code_missing_is_a_warning(tmp_path):
    assert connection({})["Claude Code"].verdict is Verdict.WARNING
    (tmp_path / "claude").touch(mode=0o755)
    assert connection({"PATH": str(tmp_path)})["Claude Code"].found == str(tmp_path / "claude")


def test_the_redaction_key(tmp_path):
    assert "not there yet" in checks.redaction_key(tmp_path).found
    assert list(tmp_path.iterdir()) == []
    first = ensure_ring(tmp_path).current
    assert checks.redaction_key(tmp_path).found == f"{first.id} of {first.made_utc}"
    second = rotate(tmp_path, datetime.now(UTC)).current
    assert checks.redaction_key(tmp_path).found == f"{second.id} of {second.made_utc}, 1 kept from before"
    (tmp_path / "store.key").chmod(0o644)
    check = checks.redaction_key(tmp_path)
    assert check.verdict is Verdict.WRONG
    assert "chmod 600" in check.found


def test_the_signing_key(tmp_path):
    assert "not there yet" in checks.signing_key(tmp_path).found
    key = ensure_signing_keys(tmp_path).key
    assert checks.signing_key(tmp_path).found == f"public key {key.public.hex()}"
    (tmp_path / SIGNING_KEY).chmod(0o644)
    check = checks.signing_key(tmp_path)
    assert check.verdict == checks.Verdict.WARNING
    assert "without a signature" in check.remedy
