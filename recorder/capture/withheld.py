"""Rows without content, for exchanges whose content cannot be redacted: metadata that needs no scan, and the reason.

No detector is asked, because one of them is what failed; a frame that comes here has ended two writers, or made
redaction raise.
"""

from typing import Any

import msgspec

from recorder.capture.messages import Close, Hello, Open
from recorder.capture.outcome import Outcome, judge
from recorder.capture.wash import header, utc
from recorder.model import WITHHELD, Finding, Labels
from recorder.redact import plain, plain_headers, plain_identity, plain_label, plain_path
from recorder.store.rows import Closed, Limited, Opened
from recorder.wire.classify import classify, refine_provider
from recorder.wire.identity import identify

REQUEST_ID = ("request-id", "x-amzn-requestid", "apim-request-id", "x-request-id")
FOUND = (Finding(WITHHELD),)
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("envelope", "body", "answer", "timing", "sent", "provided")),
    **dict.fromkeys(("slots", "marks", "tool_results", "tool_uses"), ()),
    "chains": {},
    "starts": {},
}
"""What in a row comes out of a body, and what stands there without."""


def told(reason: str) -> str:
    """Say as an anomaly why there is no content. `reason`: the recorder's own words."""
    return f"withheld: {reason}"


def withheld_opened(hello: Hello, message: Open, reason: str) -> Opened:
    """Return what can be said of a request without looking into it."""
    target = message.target
    call = classify(target.method, target.host, target.path)
    labels = message.labels or Labels(user=hello.user, team=hello.team, project=hello.project)
    return Opened(
        id=message.id,
        run_id=hello.run_id,
        at_utc=utc(message.at_us),
        flow_class=call.flow_class,
        protocol=call.protocol,
        provider=call.provider,
        method=target.method,
        scheme=target.scheme,
        host=f"{target.host}:{target.port}",
        path=plain_path(target.path),
        headers=plain_headers(message.headers),
        identity=plain_identity(identify(message.headers, None)),
        streaming=call.streaming,
        # What a client names in a path or a header may be anything.
        project=hello.project if labels.project == hello.project else plain_label(labels.project),
        user=hello.user if labels.user == hello.user else plain_label(labels.user),
        team=hello.team if labels.team == hello.team else plain_label(labels.team),
        branch=hello.branch,
        access_key=labels.key,
        request_bytes=message.wire_bytes,
        # What it was expected to use counts; notes could repeat what was not looked at.
        limited=Limited(**msgspec.structs.asdict(message.limited) | {"notes": ()}) if message.limited else None,
        findings=FOUND,
        anomalies=(told(reason),),
    )


def withheld_closed(message: Close, reason: str) -> Closed:
    """Return what can be said of an answer without looking into it; what it cost is not known."""
    call = classify(message.target.method, message.target.host, message.target.path)
    state, why = judge(Outcome(message.outcome), message.status, None)
    return Closed(
        id=message.id,
        at_utc=utc(message.started_us + message.duration_us),
        state=state,
        reason=why,
        status=message.status,
        headers=plain_headers(message.headers),
        provider=refine_provider(call, message.target.host, message.headers),
        request_id=plain(header(message.headers, *REQUEST_ID)),
        cost={"reason": "the answer was withheld"},
        error_type=None if message.outcome == Outcome.ANSWERED else message.outcome,
        ttft_us=message.ttft_us,
        duration_us=message.duration_us,
        response_bytes=message.wire_bytes,
        findings=FOUND,
        anomalies=(told(reason),),
    )


def without_content[R: Opened | Closed](row: R, reason: str) -> R:
    """Return the row without what came out of the body, the usage in an answer aside."""
    of_body = {name: _EMPTY[name] for name in row.__struct_fields__ if name in _EMPTY}
    return msgspec.structs.replace(row, **of_body, findings=FOUND, anomalies=(*row.anomalies, told(reason)))
