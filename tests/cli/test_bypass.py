import pytest

from recorder.cli import bypass


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTP_PROXY": "http://d", "http_proxy": "http://c", "HTTPS_PROXY": "http://b"}, "http://b"),
        ({"https_proxy": "http://a", "HTTPS_PROXY": "http://b"}, "http://a"),
        ({"HTTP_PROXY": "http://d"}, "http://d"),
        ({"HTTPS_PROXY": "proxy:3128"}, "http://proxy:3128"),
    ],
)
def test_proxy_in_force(env, expected):
    assert bypass.proxy_in_force(env) == expected


@pytest.mark.parametrize(
    ("exceptions", "url", "expected"),
    [
        ("", "https://api.anthropic.com", False),
        ("*", "https://api.anthropic.com", True),
        ("api.anthropic.com", "https://api.anthropic.com/v1", True),
        ("API.anthropic.com", "https://api.anthropic.com", True),
        ("anthropic.com", "https://api.anthropic.com", False),
        (".anthropic.com", "https://api.anthropic.com", True),
        (".anthropic.com", "https://anthropic.com", True),
        ("*.anthropic.com", "https://api.anthropic.com", True),
        ("*.anthropic.com", "https://notanthropic.com", False),
        (".anthropic.com", "https://notanthropic.com", False),
        ("a b,api.anthropic.com", "https://api.anthropic.com", True),
        ("api.anthropic.com:443", "https://api.anthropic.com", True),
        ("api.anthropic.com:80", "https://api.anthropic.com", False),
        ("gateway:4000", "http://gateway:4000", True),
        ("gateway:4001", "http://gateway:4000", False),
        ("[::1]", "http://[::1]:4000", True),
        ("[::1]:4000", "http://[::1]:4000", True),
    ],
)
def test_is_excepted(exceptions, url, expected):
    assert bypass.is_excepted(url, exceptions) is expected


def test_small_letters_hide_capitals():
    assert bypass.no_proxy({"no_proxy": "a", "NO_PROXY": "b"}) == "a"
    assert bypass.no_proxy({"no_proxy": "", "NO_PROXY": "b"}) == "b"


def test_proxy_for_minds_exceptions():
    env = {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": ".corp"}
    assert bypass.proxy_for("https://api.anthropic.com", env) == "http://proxy:3128"
    assert bypass.proxy_for("https://llm.corp", env) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "127.0.0.1"), ("a b", "a b,127.0.0.1"), ("*", "*"), ("localhost,127.0.0.1", "localhost,127.0.0.1")],
)
def test_with_loopback(before, after):
    assert bypass.with_loopback(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("localhost .corp", "localhost .corp"),
        ("localhost .anthropic.com,b", "localhost,b"),
        ("*", ""),
        ("api.anthropic.com", ""),
        ("", ""),
    ],
)
def test_without_what_would_go_past_the_recorder(before, after):
    assert bypass.without(before, ["https://api.anthropic.com", "https://x.amazonaws.com"]) == after
