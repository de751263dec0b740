import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.model import Headers, Identity
from recorder.wire.identity import identify

HEADERS: Headers = (
    ("User-Agent", "claude-cli/2.1.330 (external, cli)"),
    ("X-Claude-Code-Session-Id", "5e55"),
    ("x-claude-code-agent-id", "a-1"),
    ("x-claude-code-parent-agent-id", "a-0"),
    ("x-claude-code-agent-type", "Explore"),
    ("x-claude-code-request-class", "subagent"),
)


def test_every_header() -> None:
    assert identify(HEADERS, None) == Identity(
        session_id="5e55",
        agent_id="a-1",
        parent_agent_id="a-0",
        agent_type="Explore",
        request_class="subagent",
        client="claude-cli/2.1.330",
    )


NEW = json.dumps({"device_id": "d1", "account_uuid": "u1", "session_id": "s1", "parent_session_id": "s0", "x": [1]})


@pytest.mark.parametrize(
    ("user_id", "expected"),
    [
        (NEW, Identity(session_id="s1", user="u1", device="d1")),
        ('{"device_id":"d1","account_uuid":"","session_id":"s1"}', Identity(session_id="s1", device="d1")),
        ('{"device_id":"d1","account_uuid":null}', Identity(device="d1")),
        ("user_d1_account_u-1_session_s-1", Identity(session_id="s-1", user="u-1", device="d1")),
        ("user_d1_account__session_s-1", Identity(session_id="s-1", device="d1")),
        ("user_d1_session_s-1", Identity()),
        ("xuser_d1_account_u_session_s", Identity()),
        ('{"session_id":5}', Identity()),
        ("[]", Identity()),
        ("", Identity()),
        ("someone", Identity()),
        ('{"x":' + "[" * 100_000, Identity()),
        ('{"session_id":"\ud800"}', Identity()),
        ("user_" + "d" * 257 + "_account_u_session_s", Identity(session_id="s", user="u")),
        ("user_d_account_u_session_" + "s" * 5000, Identity()),
    ],
)
def test_both_forms_of_metadata(user_id: str, expected: Identity) -> None:
    assert identify((), user_id) == expected


def test_a_header_goes_before_the_metadata_and_before_a_later_one() -> None:
    headers: Headers = (("x-claude-code-session-id", "first"), ("X-Claude-Code-Session-Id", "second"))
    assert identify(headers, NEW) == Identity(session_id="first", user="u1", device="d1")


@pytest.mark.parametrize("value", ["", "  ", "x" * 257, "a\nb", "a\0b", "a\x9fb"])
def test_what_cannot_be_an_id_is_none(value: str) -> None:
    assert identify((("x-claude-code-session-id", value),), None) == Identity()
    assert identify((("x-claude-code-session-id", value),), NEW).session_id == "s1"


@pytest.mark.parametrize(
    ("agent", "client"),
    [
        ("claude-cli/2.1.330 (external, cli)", "claude-cli/2.1.330"),
        ("Anthropic/Python 2.12.0", "Anthropic/Python"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("claude-cli/2.1.330(external)", "claude-cli/2.1.330"),
        ("(no product)", None),
        ("", None),
    ],
)
def test_the_client_is_the_first_product(agent: str, client: str | None) -> None:
    assert identify((("User-Agent", agent),), None).client == client


@given(st.lists(st.tuples(st.sampled_from([name for name, _ in HEADERS]), st.text())), st.text())
def test_no_input_raises(headers: list[tuple[str, str]], user_id: str) -> None:
    assert isinstance(identify(tuple(headers), user_id), Identity)
