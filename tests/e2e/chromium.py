"""Drives Chromium over a pipe, in its own protocol (chromedevtools.github.io/devtools-protocol)."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
_LAUNCH = (
    sys.executable,
    "-c",
    """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3])
os.dup2(reads, 3), os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
""",
)
"""The browser reads from descriptor 3 and writes to 4."""
_KEYS = {"Tab": 9, "Enter": 13, "/": 191, "j": 74, "k": 75, "o": 79, "n": 78}
"""Their codes, as the protocol wants them."""


class Tab:
    """A page in the browser. What cannot be done is an AssertionError with the browser's own words."""

    def __init__(self, to: int, back: int) -> None:
        self._to = to
        self._back = back
        self._buffer = b""
        self._session: str | None = None
        self._count = 0
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable")

    def open(self, url: str) -> None:
        """Go to a page, and wait until it has loaded and drawn its charts."""
        self._call("Page.navigate", url=url)
        self.loaded()
        self.run("window.Plotly ? new Promise((done) => setTimeout(done, 0)).then(() => drawAll()) : 0")
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def loaded(self) -> None:
        """Wait until a page has loaded to which something led."""
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def look(self, *, dark: bool = False, width: int = 1300, height: int = 1000) -> None:
        """Choose the colour scheme and the size of the window."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def run(self, script: str) -> Any:
        """Return what an expression comes to; a promise is awaited."""
        done = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key and let it go."""
        text = {"Enter": "\r", "Tab": ""}.get(key, key)
        about = {"key": key, "windowsVirtualKeyCode": _KEYS[key], "modifiers": 8 if shift else 0}
        self._call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **about)
        self._call("Input.dispatchKeyEvent", type="keyUp", **about)

    def picture(self) -> bytes:
        """Return what is seen, as PNG."""
        return b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._count += 1
        asked = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        while (answer := self._read()).get("id") != self._count:
            pass
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            data = os.read(self._back, 1_000_000)
            assert data, "the browser has ended"
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        read: dict[str, Any] = json.loads(message)
        return read


@contextlib.contextmanager
def chromium(program: str) -> Iterator[Tab]:
    """Start a browser with a profile of its own; it ends with the block."""
    theirs_in, to = os.pipe()
    back, theirs_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [*_LAUNCH, str(theirs_in), str(theirs_out), program, *_SWITCHES, f"--user-data-dir={profile}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs_in, theirs_out),
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield Tab(to, back)
        finally:
            os.close(to)
            os.close(back)
            process.terminate()
            process.wait(30)
