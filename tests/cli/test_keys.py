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
        result = CliRunner().invoke(main, ["keys", *words, "--db", str(tmp_path / "r.db")])
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


def test_its_budget(keys, tmp_path):
    open_writer(tmp_path / "r.db").close()
    keys("create", "--user", "ann", "--project", "shop", "--budget", "5/month")
    keys("create", "--user", "bob", "--project", "shop")
    ann, bob = json.loads(keys("list", "--json"))
    assert (ann["budget"], ann["spent"], bob["budget"], bob["spent"]) == ("5/month", "0", None, None)
    assert f"budget of {bob['id']} of bob, shop: 100 requests" in keys("budget", bob["id"], "100 requests")
    keys("budget", ann["id"][:6], "2 USD/session")
    assert [row["spent"] for row in json.loads(keys("list", "--json"))] == [None, "0"]
    keys("budget", ann["id"][:6], "--none")
    ann, bob = json.loads(keys("list", "--json"))
    assert (ann["budget"], ann["spent"], bob["budget"], bob["spent"]) == (None, None, "100 requests", "0")
    events = [record.body for record in records(open_reader(tmp_path / "r.db")) if record.kind == "key"]
    assert [(event["event"], event.get("budget")) for event in events] == [
        ("access key made", "5/month"),
        ("access key made", None),
        ("access key's budget changed", "100 requests"),
        ("access key's budget changed", "2 USD/session"),
        ("access key's budget changed", None),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "--user", "ann", "--project", "p", "--expires", "soon"), "--expires soon: give 12h, 30d, 8w"),
        (("create", "--user", "ann", "--project", "p", "--expires", "2020-01-01"), "is over already"),
        (("create", "--user", " ", "--project", "p"), "--user: give one line"),
        (("create", "--project", "p"), "Missing option '--user'"),
        (("create", "--user", "ann", "--project", "p", "--budget", "5/year"), "--budget 5/year: 'year' is no window"),
        (("create", "--user", "ann", "--project", "p", "--budget", "lots"), "--budget lots: give an amount"),
        (("budget", "abc"), "give an amount, or --none"),
        (("budget", "abc", "5", "--none"), "give an amount, or --none"),
        (("budget", "abc", "5"), "is the beginning of 0 keys' ids, not of one"),
        (("revoke", "abc"), "is the beginning of 0 keys' ids, not of one; see `recorder keys list`"),
    ],
)
def test_mistakes(keys, words, said):
    assert said in keys(*words, code=2)
    assert json.loads(keys("list", "--json")) == []
