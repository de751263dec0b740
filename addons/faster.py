"""The fast way for mitmdump and its like: `recorder start` takes it by itself, here it is an option."""

import fast
from mitmproxy import ctx
from mitmproxy.addonmanager import Loader


class Faster:
    """mitmproxy addon that takes the fast way, where it is known and works, once the proxy runs."""

    def load(self, loader: Loader) -> None:
        """Declare the option."""
        loader.add_option(
            "recorder_fast",
            bool,
            True,
            "Pass on what has come of an answer as one chunk, not chunk by chunk: the same body, no waiting.",
        )

    def running(self) -> None:
        """Take it; a warning says why when that cannot be."""
        if ctx.options.recorder_fast:
            fast.install()
