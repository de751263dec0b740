"""The fast way: taken where it is known and works, left with one line in the log where not."""

import importlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fast
import pytest
from h11 import Data
from merging import MergingReader
from mitmproxy import http, version
from mitmproxy.utils import typecheck

from recorder.demo.answers import Answer, Text, in_order
from recorder.demo.provider import Provider
from tests.support.recorder_process import RecorderProcess
from tests.support.requests import dumps, headers, message
from tests.support.wire_client import post

DATA: Any = http.MessageData


@pytest.fixture
def http1() -> Iterator[Any]:
    """The module that is changed, put back afterwards."""
    module: Any = importlib.import_module("mitmproxy.proxy.layers.http._http1")
    plain, checked = module.make_body_reader, DATA.__post_init__
    yield module
    module.make_body_reader, DATA.__post_init__ = plain, checked


def checked_types() -> list[str]:
    """Return which of a new message's values are looked at."""
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typecheck, "check_option_type", lambda name, *_: seen.append(name))
        http.Response.make(200, b"body")
    return seen


def test_is_taken_with_the_version_that_is_installed(http1: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert fast.install()
    assert isinstance(http1.make_body_reader(None), MergingReader)
    assert not caplog.records
    assert checked_types() == []


def test_is_left_with_an_unknown_version(
    http1: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "VERSION", "12.9.0")
    assert_left(http1, caplog, "mitmproxy 12.9.0")


def test_is_left_when_mitmproxy_is_not_as_expected(
    http1: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "_HTTP1", "mitmproxy.no_such_module")
    assert_left(http1, caplog, "not as expected")


class _Losing(MergingReader):
    """Loses the end of what it reads."""

    def __call__(self, buf: Any) -> Any:
        piece = super().__call__(buf)
        if (data := getattr(piece, "data", b"")) and len(data) > 20:
            return Data(data=data[:-1])
        return piece


class _Raising(MergingReader):
    def __call__(self, buf: Any) -> Any:
        raise RuntimeError


@pytest.mark.parametrize("reader", [_Losing, _Raising, None])
def test_is_left_when_its_self_test_fails(
    http1: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, reader: type[MergingReader] | None
) -> None:
    monkeypatch.setattr(
        fast,
        "merging",
        lambda plain: lambda size: reader(lambda: plain(None)) if reader and size is None else plain(size),
    )
    assert_left(http1, caplog, "self-test failed")


def assert_left(http1: Any, caplog: pytest.LogCaptureFixture, said: str) -> None:
    plain = http1.make_body_reader
    with caplog.at_level(logging.WARNING):
        assert not fast.install()
    assert checked_types()
    (record,) = caplog.records
    assert said in record.getMessage()
    assert http1.make_body_reader is plain


@pytest.mark.parametrize("words", [("--fast",), ("--no-fast",)])
async def test_bodies_are_the_same_with_and_without(tmp_path: Path, words: tuple[str, ...]) -> None:
    body = dumps(message("hi"))
    with RecorderProcess(tmp_path, *words) as process:
        async with Provider(in_order(Answer(blocks=(Text("word " * 2000),)))) as provider:
            got = await post(process.url, f"{provider.url}/v1/messages", body, headers("s"), chunks=50)
            assert provider.exchanges[0].request.body == body
            assert got.body == bytes(provider.exchanges[0].body)
            assert got.complete
        assert process.one("s").state == "complete"
    assert process.errors == ""


async def test_goes_on_the_plain_way_with_an_unknown_version(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import mitmproxy.version\nmitmproxy.version.VERSION = '12.9.0'\n")
    with RecorderProcess(tmp_path, env={"PYTHONPATH": str(tmp_path)}) as process:
        async with Provider(in_order(Answer())) as provider:
            got = await post(process.url, f"{provider.url}/v1/messages", message("hi"), headers("s"))
            assert got.body == bytes(provider.exchanges[0].body)
        assert process.one("s").state == "complete"
    (line,) = process.errors.splitlines()
    assert "mitmproxy 12.9.0" in line
