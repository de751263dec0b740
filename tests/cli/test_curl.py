import pytest
from click.testing import CliRunner

from recorder.cli import main
from recorder.model import SafeText
from scripts.sample import Sample, said

MARK = "[REDACTED:github-pat:64db20d1499856b81af1e739ba211943]"


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "records.db"
    sample = Sample(path)
    headers = ((SafeText("x-api-key"), SafeText("[REDACTED:anthropic-api-key]")),)
    id_ = sample.open([said("user", f"my token is {MARK}")], headers=headers)
    sample.close()
    return lambda *words: CliRunner().invoke(main, ["curl", id_[:8], "--db", str(path), *words])


def test_the_command_and_what_is_said_of_placeholders(run):
    result = run()
    assert result.exit_code == 0
    assert result.stdout.startswith("printf %s '{")
    assert '"x-api-key: ${ANTHROPIC_API_KEY:?}"' in result.stdout
    assert result.stderr == f"recorder: the body has {MARK} in the place of a secret; it is sent like that\n"


def test_the_body_in_a_file_of_ones_own(run, tmp_path):
    path = tmp_path / "body.json"
    result = run("--body-file", str(path))
    assert f"--data-binary @{path}" in result.stdout
    assert path.read_bytes().startswith(b'{"model"')
    assert path.stat().st_mode & 0o777 == 0o600
    again = run("--body-file", str(path))
    assert (again.exit_code, again.stdout) == (1, "")
    assert "is there already" in again.stderr


def test_a_file_called_like_the_standard_input(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "--data-binary @./-" in run("--body-file", "-").stdout
