"""What mitmproxy says nothing about: options of ours that are unknown or given twice, and lines that show URLs."""

import logging

from mitmproxy import ctx

from recorder.config import OPTIONS, check_names

logger = logging.getLogger(__name__)


def quiet_flow_lines() -> None:
    """Keep mitmdump from printing URLs."""
    # mitmdump's own line for each flow shows the URL, and a URL can hold a key.
    if "flow_detail" in ctx.options and ctx.options.flow_detail == ctx.options.default("flow_detail"):
        ctx.options.flow_detail = 0


def tell_repeated() -> None:
    """Log options that are given more than once."""
    # mitmproxy would drop this addon for it in silence, and go on as a proxy that records nothing.
    for name, value in ctx.options.deferred.items():
        if name.startswith("recorder_") and len(getattr(value, "val", ())) > 1:
            logger.error("recorder: --set %s is given more than once; give it once", name)


def refuse_unknown() -> None:
    """Raise ConfigError for an option of ours that does not exist."""
    # mitmproxy keeps a --set that no addon has claimed, in case one comes later, and says nothing.
    unclaimed = {name for name in ctx.options.deferred if name.startswith("recorder_")}
    check_names(unclaimed, known=tuple(f"recorder_{name}" for name in OPTIONS), where="--set")
