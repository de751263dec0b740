"""What the proxy's process does not load: it is memory, and time until it listens."""

import subprocess
import sys
from pathlib import Path

ADDONS = Path(__file__).parent.parent.parent / "addons"
NEVER = {"sqlite3", "sqlite_utils", "recorder.store", "recorder.redact"}
"""The writer process alone has to do with these."""
SPARED = {"flask", "ldap3", "werkzeug", "mitmproxy.addons.proxyauth"}
CODE = """
import sys
sys.path.insert(0, {addons!r})
import serve
master = serve._master(is_fast={is_fast})
names = [type(addon).__name__ for addon in serve._addons([])]
print(*names)
print(*sys.modules)
"""


def loaded(*, is_fast: bool) -> tuple[list[str], set[str]]:
    """Return which of mitmproxy's addons the recorder's proxy has, and the names of the modules that came with them."""
    code = "import asyncio\nasync def main():\n" + CODE.format(addons=str(ADDONS), is_fast=is_fast).replace("\n", "\n ")
    words = [sys.executable, "-c", f"{code}\nasyncio.run(main())"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert said.stderr == ""
    names, modules = said.stdout.splitlines()
    return names.split(), set(modules.split())


def test_only_what_is_used_is_loaded() -> None:
    names, modules = loaded(is_fast=True)
    assert names[0] == "Core"
    assert modules & (NEVER | SPARED) == set()


def test_the_plain_way_loads_what_mitmproxy_loads() -> None:
    names, modules = loaded(is_fast=False)
    assert names == loaded(is_fast=True)[0]
    assert modules >= SPARED
    assert modules & NEVER == set()
