"""What `recorder doctor` says about the credentials that the recorder signs in with, and what it does not say."""

import secrets
from pathlib import Path

import pytest

from recorder.cli.auth_checks import credentials
from recorder.cli.checks import Check, Verdict

SECRET = "sk-" + secrets.token_hex(16)


def check(folder: Path, auth: str, **env: str) -> Check:
    config = folder / "recorder.toml"
    config.write_text(f'[upstream.gw]\nurl = "https://gw.test"\nauth = {auth}\n')
    (found,) = credentials(config, env)
    assert SECRET not in str(found)
    return found


@pytest.mark.parametrize(
    ("auth", "verdict", "said"),
    [
        ('"env:KEY"', Verdict.OK, "env:KEY gives one"),
        ('"env:OTHER"', Verdict.WRONG, "OTHER is not set"),
        ("'helper:echo SECRET'", Verdict.OK, "the helper gives one"),
        ("'helper:echo SECRET; exit 3'", Verdict.WRONG, "ended with exit code 3"),
        ('"helper:no-such-program-at-all"', Verdict.WRONG, "was not found"),
        ('{ from = "helper:sleep 60", timeout_seconds = 0.1 }', Verdict.WRONG, "gave none within 0.1 s"),
        ('"file:/nowhere/key"', Verdict.WRONG, "/nowhere/key"),
        ('"env:"', Verdict.WRONG, "names nothing behind env:"),
        ('"aws"', Verdict.OK, "found at the first request"),
    ],
)
def test_each_source(tmp_path: Path, auth: str, verdict: Verdict, said: str) -> None:
    found = check(tmp_path, auth.replace("SECRET", SECRET), KEY=SECRET)
    assert (found.verdict, said in found.found) == (verdict, True), found


@pytest.mark.parametrize(("mode", "verdict"), [(0o600, Verdict.OK), (0o644, Verdict.WARNING), (0o640, Verdict.WARNING)])
def test_who_can_read_a_file(tmp_path: Path, mode: int, verdict: Verdict) -> None:
    path = tmp_path / "key"
    path.write_text(SECRET)
    path.chmod(mode)
    found = check(tmp_path, f'"file:{path}"')
    assert (found.verdict, f"{mode:04o}" in found.found) == (verdict, True)


def test_nothing_to_look_at(tmp_path: Path) -> None:
    assert list(credentials(None)) == []
    config = tmp_path / "recorder.toml"
    config.write_text('[upstream.gw]\nurl = "https://gw.test"\nauth = "none"\n')
    assert list(credentials(config)) == []
