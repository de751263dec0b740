from recorder.model import Finding, Identity, State, Usage
from recorder.store.columns import closed_columns, opened_columns
from recorder.store.records import records

REFERENCES = {
    "request_headers",
    "envelope",
    "layout",
    "system_chain",
    "tools_chain",
    "messages_chain",
    "body",
    "response_headers",
    "answer",
    "timing",
    "error_message",
}


def rebuilt(reader):
    """The columns of interactions as the record bodies alone give them."""
    rows = {}
    for record in records(reader):
        if record.kind == "opened":
            rows[record.body["id"]] = opened_columns(record.seq, record.at_utc, record.body)
        elif record.kind == "closed":
            row = rows[record.body["id"]]
            new = closed_columns(record.seq, record.body)
            row |= new | {name: row[name] + new[name] for name in ("findings", "anomalies")}
    return list(rows.values())


def test_interactions_follow_from_records(store, reader, db, make):
    identity = Identity(
        session_id="s1", agent_id="x", parent_agent_id="y", agent_type="t", request_class="main", user="u"
    )
    usage = Usage(input_tokens=1, output_tokens=2)
    store.write(
        [make.cut("a", b'{"system":["s"],"messages":["1"]}', identity=identity, findings=(Finding("x", None, 3),))]
    )
    store.write(
        [make.priced("a", "0.5", status=200, findings=(Finding("y"),), anomalies=("z",), tools=["t1"], ttft_us=5)]
    )
    store.write([make.opened("b", streaming=False), make.closed("b", State.FAILED, usage=usage, reason="why")])
    store.write([make.opened("c", streaming=None, model=None, protocol=None, user="ann")])
    for row, stored in zip(rebuilt(reader), db["interactions"].rows, strict=True):
        plain = {name: value for name, value in stored.items() if name not in REFERENCES | {"retry_of"}}
        assert dict.fromkeys(plain) | row == plain


def test_references_follow_from_commitments(store, reader, db, make):
    store.write([make.cut("a", b'{"system":["s"],"messages":["1"]}', headers=(("X", "y"),)), make.closed("a")])
    opened = next(records(reader)).body
    row = db["interactions"].get(1)
    parts = {each["commitment"].hex(): each["id"] for each in db["parts"].rows}
    chains = {each["digest"].hex(): each["id"] for each in db["chains"].rows}
    for name in ("request_headers", "envelope", "layout"):
        assert row[name] == parts[opened[name]]
    for slot in ("system", "messages"):
        assert row[f"{slot}_chain"] == chains[opened["chains"][slot]["head"]]
    assert row["tools_chain"] is None
