"""The recorder's own keys: made once, kept as hashes, recognised until they end."""

import base64
import stat
import threading
from pathlib import Path

import pytest

from recorder.access.keys import (
    KEY_FILE,
    Keyring,
    create_key,
    has_keys,
    is_key,
    key_budgets,
    read_keys,
    revoke_key,
    set_budget,
)
from recorder.access.presented import carriers, presented
from recorder.errors import ConfigError
from recorder.model import Labels

KEY = "rcdr-" + "aB3_-" * 8 + "xyz"


def test_a_key_is_kept_as_its_hash_by_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    assert not has_keys(folder)
    made, text = create_key(folder, user="ann", project="shop", team="blue")
    assert is_key(text)
    assert len(base64.urlsafe_b64decode(text.removeprefix("rcdr-") + "=")) == 32
    assert read_keys(folder) == (made,)
    assert has_keys(folder)
    content = (folder / KEY_FILE).read_bytes()
    assert text.encode() not in content
    assert text.removeprefix("rcdr-").encode() not in content
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    (folder / KEY_FILE).chmod(0o640)
    with pytest.raises(ConfigError, match="others can use it"):
        read_keys(folder)


def test_it_is_found_until_it_is_revoked_or_over(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path)
    assert keyring.is_empty
    made, text = create_key(tmp_path, user="ann", project="shop", expires_utc="2030-01-01T00:00:00.000Z")
    found = keyring.find(text)
    assert found == made
    assert [found.state(at) for at in ("2029-12-31T23:59:59.999Z", "2030-01-01T00:00:00.000Z")] == ["valid", "expired"]
    assert keyring.find(text[:-1] + ("A" if text[-1] != "A" else "B")) is None
    revoked = revoke_key(tmp_path, made.id[:6])
    assert revoked.state("2029-01-01T00:00:00.000Z") == "revoked"
    assert keyring.find(text) == revoked
    assert revoke_key(tmp_path, made.id) == revoked, "the first time counts"
    assert not keyring.is_empty


def test_what_it_says_goes_before_what_a_request_says(tmp_path: Path) -> None:
    made, _ = create_key(tmp_path, user="ann", project="shop")
    said = Labels(user="bob", team="red", project="till")
    assert made.applied_to(said) == Labels(user="ann", team="red", project="shop", key=made.id)


def test_its_budget(tmp_path: Path) -> None:
    bare, _ = create_key(tmp_path, user="bob", project="shop")
    assert b"budget" not in (tmp_path / KEY_FILE).read_bytes(), (
        "a recorder that knows no budgets of keys reads it still"
    )
    made, text = create_key(tmp_path, user="ann", project="shop", budget="5/month")
    over, _ = create_key(tmp_path, user="eve", project="shop", budget="5", expires_utc="2020-01-01T00:00:00.000Z")
    assert key_budgets(tmp_path) == (made.limit,)
    assert bare.limit is None
    changed = set_budget(tmp_path, made.id[:6], "7 requests")
    assert changed.limit is not None
    assert changed.limit.limit == 7
    assert Keyring(tmp_path).find(text) == changed
    assert set_budget(tmp_path, made.id, None).limit is None
    assert key_budgets(tmp_path) == ()
    with pytest.raises(ConfigError, match="--budget 5/fortnight: 'fortnight' is no window"):
        set_budget(tmp_path, over.id, "5/fortnight")
    with pytest.raises(ConfigError, match="--budget lots: give an amount"):
        create_key(tmp_path, user="ann", project="shop", budget="lots")
    assert len(read_keys(tmp_path)) == 3


@pytest.mark.parametrize("name", ["", "f" * 12])
def test_what_names_no_single_key_revokes_nothing(tmp_path: Path, name: str) -> None:
    create_key(tmp_path, user="ann", project="shop")
    with pytest.raises(ConfigError, match="keys' ids, not of one"):
        revoke_key(tmp_path, name)


@pytest.mark.parametrize("value", ["", " a", "a\nb", "x" * 129])
def test_labels_that_are_none(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="--user: give one line"):
        create_key(tmp_path, user=value, project="shop")
    assert not has_keys(tmp_path)


def test_several_at_once_lose_none(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=create_key, args=(tmp_path,), kwargs={"user": f"u{number}", "project": "p"})
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key.user for key in read_keys(tmp_path)) == [f"u{number}" for number in range(8)]


@pytest.mark.parametrize("text", ["", "[{}]", '"budget":"lots"', '"budget":7'])
def test_a_file_that_is_something_else(tmp_path: Path, text: str) -> None:
    create_key(tmp_path, user="ann", project="shop", budget="5")
    path = tmp_path / KEY_FILE
    good = path.read_text()
    path.write_text(good.replace('"budget":"5"', text) if "budget" in text else text)
    with pytest.raises(ConfigError, match="is not what `recorder keys` writes"):
        Keyring(tmp_path).find(KEY)


BASIC = base64.b64encode(f"ann:{KEY}".encode()).decode()


@pytest.mark.parametrize(
    ("name", "value", "brings"),
    [
        ("Authorization", f"Bearer {KEY}", True),
        ("authorization", f"bearer  {KEY} ", True),
        ("X-Api-Key", KEY, True),
        ("api-key", KEY, True),
        ("X-Recorder-Key", KEY, True),
        ("Proxy-Authorization", f"Basic {BASIC}", True),
        ("Proxy-Authorization", f"Bearer {KEY}", True),
        ("Authorization", "Bearer sk-ant-" + "x" * 40, False),
        ("Authorization", f"Bearer {KEY}x", False),
        ("Authorization", f"Basic {BASIC[:-4]}", False),
        ("Authorization", "Basic !!!", False),
        ("X-Other", KEY, False),
        ("X-Api-Key", f"{KEY[:-1]}", False),
    ],
)
def test_where_a_key_may_come(name: str, value: str, *, brings: bool) -> None:
    headers = (("Host", "127.0.0.1"), (name, value))
    assert presented(headers) == (KEY if brings else None)
    assert carriers(headers) == ((name.lower(),) if brings else ())


def test_the_recorders_own_header_counts_first_and_never_leaves() -> None:
    other = KEY[:-1] + "w"
    headers = (("authorization", f"Bearer {other}"), ("x-recorder-key", KEY), ("x-api-key", "sk-of-the-gateway"))
    assert presented(headers) == KEY
    assert carriers(headers) == ("authorization", "x-recorder-key")
    assert carriers((("x-recorder-key", "whatever"),)) == ("x-recorder-key",)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "folder").touch()
    with pytest.raises(ConfigError, match="Not a directory; the recorder keeps its keys there"):
        Keyring(tmp_path / "folder").find(KEY)
