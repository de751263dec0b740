"""What the proxy's process does not load: it is memory, and time until it listens."""

import subprocess
import sys
from pathlib import Path

ADDONS = Path(__file__).parent.parent.parent / "addons"
NEVER = {"sqlite3", "sqlite_utils", "recorder.store", "recorder.redact"}
"""The writer process alone has to do with these."""
SPARED = {"flask", "ldap3", "werkzeug", "mitmproxy.addons.proxyauth"}
CODE = """
import gc, sys
sys.path.insert(0, {addons!r})
import serve
master = serve._master(is_fast={is_fast})
names = [type(addon).__name__ for addon in serve._addons([])]
print(*names)
print(*sys.modules)
serve._settle()
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


def loaded(*, is_fast: bool) -> tuple[list[str], set[str], tuple[int, int]]:
    """Return which of mitmproxy's addons the recorder's proxy has, the names of the modules that came with them, and
    how many objects the collector leaves alone and looks at."""
    code = "import asyncio\nasync def main():\n" + CODE.format(addons=str(ADDONS), is_fast=is_fast).replace("\n", "\n ")
    words = [sys.executable, "-c", f"{code}\nasyncio.run(main())"]
    said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert said.stderr == ""
    names, modules, objects = said.stdout.splitlines()
    left, looked_at = map(int, objects.split())
    return names.split(), set(modules.split()), (left, looked_at)


def test_only_what_is_used_is_loaded() -> None:
    names, modules, (left, looked_at) = loaded(is_fast=True)
    assert names[0] == "Core"
    assert modules & (NEVER | SPARED) == set()
    assert left > 100 * looked_at


def test_the_plain_way_loads_what_mitmproxy_loads() -> None:
    names, modules, _ = loaded(is_fast=False)
    assert names == loaded(is_fast=True)[0]
    assert modules >= SPARED
    assert modules & NEVER == set()
