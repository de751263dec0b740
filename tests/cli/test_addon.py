from pathlib import Path

from click.testing import CliRunner

import recorder
from recorder.cli import main
from recorder.cli.addons_dir import addons_dir, serve_command


def test_prints_the_path_of_an_addon():
    path = Path(CliRunner().invoke(main, ["addon", "audit"]).stdout.strip())
    assert path.name == "audit.py"
    assert path.is_file()


def test_lists_addons_but_no_programs_and_helpers():
    names = CliRunner().invoke(main, ["addon"]).stdout.split()
    assert "audit" in names
    assert "serve" not in names


def test_unknown_addon():
    result = CliRunner().invoke(main, ["addon", "audt"])
    assert result.exit_code == 2
    assert "no addon 'audt'" in result.stderr


def test_prefers_the_addons_inside_the_package(tmp_path, monkeypatch):
    package = tmp_path / "recorder"
    for folder in (package / "addons", tmp_path / "addons"):
        folder.mkdir(parents=True)
        (folder / "serve.py").touch()
    monkeypatch.setattr(recorder, "__file__", str(package / "__init__.py"))
    assert addons_dir() == package / "addons"
    (package / "addons" / "serve.py").unlink()
    assert addons_dir() == tmp_path / "addons"


def test_serve_command_names_a_file():
    assert Path(serve_command()[-1]).is_file()


def test_installation_without_addons(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "__file__", str(tmp_path / "recorder" / "__init__.py"))
    result = CliRunner().invoke(main, ["addon"])
    assert result.exit_code == 1
    assert "install the recorder again" in result.stderr
