"""The page in use, in a real browser: with the keyboard alone, on a phone, in the dark, and as axe-core judges it."""

import json
from collections.abc import Iterator

import pytest

from scripts.sample import SHOWN, fill
from scripts.web_pictures import address, find_browser, served
from tests.e2e.chromium import Tab, chromium
from tests.e2e.installs import ensure_axe

pytestmark = pytest.mark.e2e

PAGES = (
    "/",
    "/sessions/5f0c",
    "/sessions/5f0c/cache",
    f"/interactions/{SHOWN}",
    "/diff?b=d069",
    "/search?q=voucher",
    "/usage?by=model",
    "/budgets",
    "/secrets",
    "/errors",
    "/integrity",
    "/gaps",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JUDGED = f"""
axe.run(document, {{runOnly: {RULES}}}).then((found) => JSON.stringify(
  found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.html, node.failureSummary]))))
"""
# Chromium marks the part of a date that has the focus, which no script can see.
FOCUSED = """
(() => { const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
  return {is_left: one === document.body, id: one.id,
    name: one.textContent.trim() || one.name || one.type,
    seen: box.width > 0 && box.left >= 0 && box.bottom > 0,
    marked: one.type === "date" || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0}; })()
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("web") / "records.db"
    fill(path)
    with served(path) as url:
        yield url


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    program = find_browser()
    if program is None:
        pytest.skip("no Chromium on the PATH")
    with chromium(program) as tab:
        yield tab


@pytest.mark.parametrize("width", [1300, 420], ids=["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing(tab: Tab, url: str, *, dark: bool, width: int) -> None:
    axe = ensure_axe().read_text()
    tab.look(dark=dark, width=width)
    found = {}
    for page in PAGES:
        tab.open(address(url, page))
        tab.run(axe)
        found[page] = json.loads(tab.run(JUDGED))
        assert tab.run("document.documentElement.scrollWidth <= innerWidth"), f"{page} is wider than the window"
    assert found == {page: [] for page in PAGES}


def test_every_page_is_gone_through_with_tab(tab: Tab, url: str) -> None:
    tab.look()
    for page in PAGES:
        tab.open(address(url, page))
        reached = []
        for _ in range(60):
            tab.press("Tab")
            focused = tab.run(FOCUSED)
            if focused["is_left"]:
                break
            assert focused["seen"], (page, focused)
            assert focused["marked"], (page, focused)
            reached.append(focused["name"])
        assert reached[:8] == [
            "To the content",
            "recorder",
            "Sessions",
            "Usage",
            "Budgets",
            "Errors",
            "Secrets",
            "Integrity",
        ], page


def test_past_the_head_with_one_key(tab: Tab, url: str) -> None:
    tab.open(address(url, "/"))
    tab.press("Tab")
    tab.press("Enter")
    tab.press("Tab")
    assert tab.run("document.querySelector('main').contains(document.activeElement)")


def test_keys(tab: Tab, url: str) -> None:
    tab.open(address(url, "/"))
    tab.press("/")
    assert tab.run(FOCUSED)["id"] == "search"
    tab.press("j")
    assert tab.run("document.getElementById('search').value") == "j"  # a key in a field is a letter
    tab.run("document.activeElement.blur()")
    tab.press("j")
    tab.press("j")
    tab.press("k")
    first = tab.run("document.activeElement.querySelector('a').getAttribute('href')")
    assert first == tab.run("document.querySelector('.go a').getAttribute('href')")
    assert tab.run(FOCUSED)["marked"]
    tab.press("Enter")
    tab.loaded()
    assert tab.run("location.pathname") == first
    assert tab.run("document.querySelectorAll('details:not([open])').length") > 0
    tab.press("o")
    assert tab.run("document.querySelectorAll('details:not([open])').length") == 0
