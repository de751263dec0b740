"""The base of every ratio: a mitmproxy that streams answers and does nothing else. Loaded by mitmdump."""

from mitmproxy import http


def responseheaders(flow: http.HTTPFlow) -> None:
    """Forward the answer as it comes; mitmdump as it is would hold it until its end."""
    assert flow.response
    flow.response.stream = True
