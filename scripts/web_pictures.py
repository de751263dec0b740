"""Photographs the page of a made-up record: `python scripts/web_pictures.py` writes docs/pictures/web-*.png.

Needs Chromium (`chromium` or `google-chrome` on the PATH); asks nobody but the page.
"""

import asyncio
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from recorder.web.site import Site  # noqa: E402 -- the script runs without an installation
from scripts.sample import SHOWN, fill  # noqa: E402

PICTURES = {
    "web-session": ("/sessions/5f0c", 1300, 1500, ()),
    "web-call": (f"/interactions/{SHOWN}", 420, 900, ()),
    "web-usage": ("/usage?by=model", 1300, 760, ("--force-dark-mode",)),
}
"""Name → path, width, height, switches."""

_SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--virtual-time-budget=10000",
)
_CONSOLE = re.compile(r"CONSOLE.*?\] (.*)")


def find_browser() -> str | None:
    """Return Chromium's program; None when there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextlib.contextmanager
def served(path: Path) -> Iterator[str]:
    """Serve a record's page; gives its address with the token."""
    loop = asyncio.new_event_loop()
    site = Site(path)
    task = loop.create_task(site.serve())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])), daemon=True)
    thread.start()
    try:
        yield site.url
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
        loop.close()


def browse(browser: str, url: str, *switches: str, seconds: float = 120) -> tuple[str, list[str]]:
    """Open a page; return what the browser wrote, and what the page wrote to its console."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        words = [browser, *_SWITCHES, f"--user-data-dir={profile}", *switches, url]
        done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, check=True)  # noqa: S603 -- our own words
    return done.stdout, _CONSOLE.findall(done.stderr)


def address(url: str, path: str) -> str:
    """Return the address of a page that lets in."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{path}{'&' if '?' in path else '?'}{parts.query}"


def main() -> None:
    """Take all pictures."""
    browser = find_browser()
    if browser is None:
        sys.exit("no Chromium on the PATH; install it, then try again")
    with tempfile.TemporaryDirectory() as temporary:
        record = Path(temporary) / "records.db"
        fill(record)
        with served(record) as url:
            for name, (path, width, height, switches) in PICTURES.items():
                target = ROOT / "docs" / "pictures" / f"{name}.png"
                size = f"--window-size={width},{height}"
                browse(browser, address(url, path), size, f"--screenshot={target}", *switches)


if __name__ == "__main__":
    main()
