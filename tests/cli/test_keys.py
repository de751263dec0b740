import json
import re

import pytest
from click.testing import CliRunner

from recorder.access.keys import Keyring
from recorder.cli import main
from recorder.config import config_dir
from recorder.store.database import open_reader, open_writer
from recorder.store.queries import records


@pytest.fixture
def keys(clean_env, tmp_path):
    """Run `recorder keys ...` beside a database of this test."""

    def run(*words, code=0):
        db = [] if words[0] == "list" else ["--db", str(tmp_path / "r.db")]
        result = CliRunner().invoke(main, ["keys", *words, *db])
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.output

    return run


def test_a_key_is_shown_once(keys, tmp_path):
    open_writer(tmp_path / "r.db").close()
    made = ("create", "--user", "ann", "--project", "shop", "--team", "blue", "--expires", "30d")
    text = keys(*made).strip()
    assert re.fullmatch(r"rcdr-[A-Za-z0-9_-]{43}", text)
    (shown,) = json.loads(keys("list", "--json"))
    assert (shown["user"], shown["team"], shown["state"]) == ("ann", "blue", "valid")
    assert shown["expires_utc"] > shown["created_utc"]
    assert text not in keys("list")
    assert "revoked" in keys("revoke", shown["id"][:5])
    assert "\trevoked" in keys("list")
    found = Keyring(config_dir()).find(text)
    assert found is not None
    assert found.revoked_utc
    events = [record.body for record in records(open_reader(tmp_path / "r.db")) if record.kind == "key"]
    assert [(event["event"], event["id"]) for event in events] == [
        ("access key made", shown["id"]),
        ("access key revoked", shown["id"]),
    ]
    assert found.hash not in json.dumps(events)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "--user", "ann", "--project", "p", "--expires", "soon"), "--expires soon: give 12h, 30d, 8w"),
        (("create", "--user", "ann", "--project", "p", "--expires", "2020-01-01"), "is over already"),
        (("create", "--user", " ", "--project", "p"), "--user: give one line"),
        (("create", "--project", "p"), "Missing option '--user'"),
        (("revoke", "abc"), "is the beginning of 0 keys' ids, not of one; see `recorder keys list`"),
    ],
)
def test_mistakes(keys, words, said):
    assert said in keys(*words, code=2)
    assert json.loads(keys("list", "--json")) == []
