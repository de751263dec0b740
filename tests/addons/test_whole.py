"""The option of mitmproxy that would send requests on before anything is done about them."""

from pathlib import Path

import pytest

from tests.addons.test_alone import mitmdump
from tests.support.recorder_process import RecorderProcess

SAID = "stream_large_bodies=1k: requests would be under way before they are recorded"


def test_the_recorders_own_proxy_does_not_start_with_it(tmp_path: Path) -> None:
    process = RecorderProcess(tmp_path, "--set", "stream_large_bodies=1k")
    with pytest.raises(AssertionError, match="exit 2"), process:
        pass
    assert SAID in process.errors


@pytest.mark.parametrize("script", ["audit", "access", "route"])
def test_nor_does_mitmdump_with_an_addon_that_it_would_pass_by(tmp_path: Path, script: str) -> None:
    with mitmdump(tmp_path, "http://127.0.0.1:9", (script,), stream_large_bodies="1k") as process:
        assert process.stdout
        assert SAID in process.stdout.read()
        assert process.wait(30) == 1
