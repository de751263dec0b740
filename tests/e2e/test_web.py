"""The page in a real browser: scripts run under its policy, charts are drawn, hostile content does nothing."""

from pathlib import Path

import pytest

from scripts.sample import HOSTILE, Sample, fill, said
from scripts.web_pictures import address, browse, find_browser, served

pytestmark = pytest.mark.e2e

PAGES = (("/sessions/5f0c", 2), ("/usage?by=model", 1), ("/", 0), ("/integrity", 0), ("/budgets", 0))
"""With how many charts each has."""
REFUSED_STYLE = "Applying inline style violates"
"""Plotly brings a style for maps, which the policy refuses and no chart needs."""


@pytest.fixture(scope="module")
def browser() -> str:
    found = find_browser()
    if found is None:
        pytest.skip("no Chromium on the PATH")
    return found


def test_charts_are_drawn_and_nothing_is_refused(browser: str, tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    fill(path)
    with served(path) as url:
        for page, charts in PAGES:
            dom, console = browse(browser, address(url, page), "--dump-dom")
            assert [line for line in console if REFUSED_STYLE not in line] == [], page
            assert dom.count('<g class="barlayer') >= charts, page


def test_hostile_content_does_nothing(browser: str, tmp_path: Path) -> None:
    path = tmp_path / "records.db"
    sample = Sample(path)
    markup = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">" + HOSTILE
    call = sample.open([said("user", markup)], project=markup, user=markup)
    sample.close_call(call, [{"type": "text", "text": markup}], None, ms=5)
    sample.close()
    with served(path) as url:
        for page in ("/", f"/interactions/{call}", "/sessions/5f0c", "/search?q=title"):
            dom, console = browse(browser, address(url, page), "--dump-dom")
            assert "<title>owned" not in dom, page
            assert [line for line in console if REFUSED_STYLE not in line] == [], page
