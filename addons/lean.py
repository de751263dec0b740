"""mitmproxy's addons one by one. Its package of them imports them all, for the list of those that mitmdump has.

With them come a web framework, a client for directories and more: 15 MB and a fifth of a second for what the
recorder's own proxy never uses. A package whose own code has not run has its modules all the same.
"""

import importlib.util
import sys

_PACKAGE = "mitmproxy.addons"


def one_by_one() -> None:
    """Have the modules of mitmproxy's addons imported only as they are asked for, from now on."""
    if _PACKAGE not in sys.modules and (spec := importlib.util.find_spec(_PACKAGE)):
        sys.modules[_PACKAGE] = importlib.util.module_from_spec(spec)
