"""HAR 1.2, as browsers and proxies read it (softwareishard.com/blog/har-12-spec, seen 2026-11-25).

Bodies are as on record: a streamed answer is the message that it amounts to, and says so. Members that begin with an
underscore are our own, which the format provides for. What is not known is what the format has for that: -1, "", 0.
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from recorder import __version__
from recorder.store.results import Whole
from recorder.view.asjson import interaction

_UNKNOWN = -1
_ASSEMBLED = "The message that the stream of events amounts to; when each piece came is on record beside it."


class Har:
    """Writes a HAR file."""

    def begin(self) -> bytes:
        """Give what stands before the first entry."""
        creator = msgspec.json.encode({"name": "llm-audit-recorder", "version": __version__})
        return b'{"log":{"version":"1.2","creator":' + creator + b',"entries":[\n'

    def add(self, whole: Whole) -> bytes:
        """Give an interaction as an entry."""
        return msgspec.json.encode(_entry(whole))

    def end(self) -> bytes:
        """Close what was opened."""
        return b"\n]}}\n"


def _entry(whole: Whole) -> dict[str, Any]:
    row = whole.row
    took, first = row.duration_ms or 0, row.ttft_ms
    wait = took if first is None else min(first, took)
    return {
        "startedDateTime": row.started_utc,
        "time": took,
        "request": _request(whole),
        "response": _response(whole),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": took - wait},
        "_seq": whole.seq,
        "_interaction": interaction(row),
        **({"_missing": whole.missing} if whole.missing else {}),
    }


def _request(whole: Whole) -> dict[str, Any]:
    details, row = whole.details, whole.row
    url = f"{details.opened.get('scheme', 'https')}://{row.host}{row.path}"
    text = whole.request.decode("utf-8", "replace")
    posted = {"mimeType": _header(details.request_headers, "content-type") or "application/json", "text": text}
    return {
        "method": details.opened.get("method", "POST"),
        "url": url,
        "httpVersion": "unknown",
        "cookies": [],
        "headers": _pairs(details.request_headers),
        "queryString": _pairs(parse_qsl(urlsplit(row.path).query, keep_blank_values=True)),
        **({"postData": posted} if text else {}),
        "headersSize": _UNKNOWN,
        "bodySize": row.request_bytes,
    }


def _response(whole: Whole) -> dict[str, Any]:
    row, headers = whole.row, whole.details.response_headers
    text = (whole.answer or b"").decode("utf-8", "replace")
    sent_type = _header(headers, "content-type") or ""
    is_stream = bool(row.streaming) or "event" in sent_type
    return {
        "status": row.status or 0,
        "statusText": "",
        "httpVersion": "unknown",
        "cookies": [],
        "headers": _pairs(headers),
        "content": {
            "size": len(text.encode()),
            "mimeType": "application/json" if text else sent_type,
            "text": text,
            **({"comment": _ASSEMBLED} if text and is_stream else {}),
        },
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN if row.response_bytes is None else row.response_bytes,
        **({"_error": f"{row.state}: {row.state_reason or row.error_type or ''}"} if row.state != "complete" else {}),
    }


def _header(headers: Any, wanted: str) -> str | None:
    return next((value for name, value in headers if name.lower() == wanted), None)


def _pairs(pairs: Any) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]
