"""What passes without a scan: a few short forms, and nothing else."""

import pytest

from recorder.model import Identity
from recorder.redact import plain, plain_headers, plain_identity, plain_label, plain_path

UUID = "00000000-0000-4000-8000-00000000000a"


@pytest.mark.parametrize(
    "value",
    [UUID, "req_011CVx8s9d", "12", "2023-06-01", "application/json; charset=utf-8", "gzip", "claude-cli/2.1.330"],
)
def test_plain(value: str) -> None:
    assert plain(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hunter2",
        "1234567",
        f"{UUID}x",
        f"{UUID}\n",
        "req_" + "a" * 33,
        "claude-cli/2.1.330 x",
        "sk-ant-" + "a1" * 20,
    ],
)
def test_not_plain(value: str) -> None:
    assert plain(value) is None


def test_headers_keep_their_names_and_what_is_plain() -> None:
    fields = (("Content-Length", "12"), ("X-Api-Key", UUID), ("User-Agent", "hunter2"), ("X-Other", "12"))
    kept = dict(plain_headers(fields))
    assert kept == {"Content-Length": "12"} | dict.fromkeys(
        ("X-Api-Key", "User-Agent", "X-Other"), "[REDACTED:unscanned]"
    )


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/v1/messages?beta=true", True),
        ("/anthropic/v1/messages/count_tokens", True),
        ("/v1/messages?key=1", False),
        ("/v1/hunter2/messages", False),
        ("/v1/messagesx", False),
    ],
)
def test_paths(path: str, kept: bool) -> None:
    assert (plain_path(path) == path) is kept


def test_an_identity_keeps_its_ids() -> None:
    identity = Identity(session_id=UUID, agent_type="hunter2", client="curl hunter2")
    assert plain_identity(identity) == Identity(session_id=UUID)


@pytest.mark.parametrize(
    ("label", "kept"),
    [
        ("ada", True),
        ("grace.hopper@example.com", True),
        ("web-shop2", True),
        ("", False),
        ("ghp_" + "a1B2" * 9, False),
        ("a" * 20, False),
        ("sk-ant-" + "x9" * 6, False),
        ("4f2a9c", False),
        ("one two three four five six", False),
    ],
)
def test_labels_are_a_few_words(label, kept):
    assert (plain_label(label) == label) is kept
