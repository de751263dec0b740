"""A request as rules see it: what it asks for, how it is spoken, who asks."""

from urllib.parse import unquote

import msgspec

from recorder.model import Family, FlowClass, Headers, Identity, Labels, Protocol
from recorder.policy.body import model_in_body
from recorder.wire.classify import Call, classify
from recorder.wire.facts import request_facts
from recorder.wire.identity import identify


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request."""

    method: str
    path: str
    """As sent, percent-encoded, without query and without the labels in front."""
    query: str = ""
    """With its question mark; empty when there is none."""
    headers: Headers = ()
    call: Call
    family: Family | None = None
    """None: no call that a provider's protocol knows (`HEAD /`, telemetry)."""
    model: str | None = None
    streaming: bool = False
    """Whether the answer is wanted as a stream, as far as was read."""
    identity: Identity = Identity()
    labels: Labels = Labels()

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


_FAMILIES = {
    Protocol.MESSAGES: Family.MESSAGES,
    Protocol.COMPLETE: Family.MESSAGES,
    Protocol.BEDROCK_INVOKE: Family.BEDROCK,
    Protocol.BEDROCK_CONVERSE: Family.BEDROCK,
    Protocol.VERTEX: Family.VERTEX,
}


def ask(method: str, target: str, headers: Headers, body: bytes, labels: Labels) -> Asked:
    """Return what a request asks for; `target` is path and query, `body` decoded (empty: it does not matter)."""
    path, mark, query = target.partition("?")
    call = classify(method, "", path)
    facts = request_facts(body)
    return Asked(
        method=method,
        path=path,
        query=mark + query,
        headers=headers,
        call=call,
        family=_family(call, path),
        model=call.model or (model_in_body(body) if body else None),
        streaming=bool(facts.stream) if call.streaming is None else call.streaming,
        identity=identify(headers, facts.metadata_user_id),
        labels=labels,
    )


def _family(call: Call, path: str) -> Family | None:
    if call.protocol:
        return _FAMILIES[call.protocol]
    if call.flow_class is not FlowClass.SUPPORT:
        return None
    rest = unquote(path)[len(call.prefix) :]
    if rest.startswith(("/model/", "/inference-profiles")):
        return Family.BEDROCK
    return Family.VERTEX if "/publishers/" in rest else Family.MESSAGES
