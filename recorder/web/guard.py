"""Who may see the page: whoever has the address with its token, from this machine, by a name of the loopback.

Other users of the machine and web pages in the same browser reach the port as well. A token in the address that
`recorder web` prints becomes a cookie, which no script can read and no other site's page sends; a foreign `Host`
(DNS rebinding), another method than GET and HEAD, or no token is refused. Recorded content is hostile: the content
security policy allows the page's own files alone, no inline script, no frame, no request elsewhere.
"""

import hmac
from urllib.parse import urlencode

from tornado.web import HTTPError, RequestHandler

COOKIE = "recorder_web"
_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        # Plotly makes an empty style element, and adds its rules by script: the hash is that of nothing.
        # Another style, for maps, stays refused: none is drawn.
        "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What a browser keeps of it would outlive an erasure.
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}


class Guarded(RequestHandler):
    """A request that was let in."""

    def initialize(self, token: str, **_given: object) -> None:
        """Keep the token that is asked for."""
        self._token = token

    def set_default_headers(self) -> None:
        """Set what every answer has, errors too."""
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.clear_header("Server")

    async def prepare(self) -> None:
        """Refuse whoever may not see it."""
        if self.request.method not in {"GET", "HEAD"}:
            raise HTTPError(405)
        if _name(self.request.host) not in _NAMES:
            raise HTTPError(403, reason="not a name of this machine's loopback")
        if (given := self.get_query_argument("token", None)) is not None:
            self._let_in(given)
        elif not self._is_known(self.get_cookie(COOKIE) or ""):
            raise HTTPError(403, reason="open the address that recorder web printed, with its token")

    def _let_in(self, given: str) -> None:
        """Put the token into a cookie, and take it out of the address, which browsers remember and people share."""
        if not self._is_known(given):
            raise HTTPError(403, reason="that is not the token of this recorder web")
        self.set_cookie(COOKIE, given, httponly=True, samesite="Strict", path="/")
        query = {
            name: [value.decode("utf-8", "replace") for value in values]
            for name, values in self.request.query_arguments.items()
            if name != "token"
        }
        self.redirect(self.request.path + (f"?{urlencode(query, doseq=True)}" if query else ""))

    def _is_known(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _name(host: str) -> str:
    """Return a Host header without its port."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host
