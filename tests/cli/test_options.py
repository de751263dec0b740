from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from recorder.cli.options import db_option, json_option
from recorder.config import default_db


@click.group()
@click.option("--config", type=click.Path(path_type=Path))
@click.pass_context
def group(ctx, config):
    ctx.obj = config


@group.command()
@db_option
@json_option
def show(db, as_json):
    click.echo(f"{db} {as_json}")


def run(*words, **env):
    result = CliRunner().invoke(group, words, env=env)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.fixture(autouse=True)
def _somewhere(clean_env, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_database_by_default():
    assert run("show") == f"{default_db()} False"


def test_database_from_the_environment():
    assert run("show", "--json", RECORDER_DB="e.db") == "e.db True"


def test_flag_beats_environment():
    assert run("show", "--db", "f.db", RECORDER_DB="e.db") == "f.db False"


def test_database_from_the_configuration_file(tmp_path):
    (tmp_path / "c.toml").write_text('db = "/from/file.db"')
    assert run("--config", "c.toml", "show") == "/from/file.db False"
