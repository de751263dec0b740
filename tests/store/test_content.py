import json

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.errors import StoreError
from recorder.model import SafeText, Slot, State
from recorder.store.content import answer_body, details, part_content, request_body, timing, tool_calls
from recorder.store.database import open_writer
from recorder.store.writer import Writer

MARKED = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
BODY = {
    "model": "claude-opus-4-6",
    "system": [{"type": "text", "text": "You are"} | MARKED, {"type": "text", "text": "helpful"}],
    "max_tokens": 5,
    "tools": [{"name": "Bash", "input_schema": {}}, MARKED | {"name": "Read"}],
    "messages": [
        {"role": "user", "content": "hi ✨"},
        {"role": "assistant", "content": [{"type": "text", "text": "yes"}]},
        {"role": "user", "content": [{"type": "text", "text": "go"} | MARKED, MARKED | {"type": "text", "text": "on"}]},
    ],
    "stream": True,
}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(BODY),
        json.dumps(BODY, ensure_ascii=False, separators=(",", ":")),
        json.dumps(BODY, indent=3),
        '{"messages":[]}',
        '{ "messages" : [ ] , "system":"text", "tools":[\n {"a":1}\n,\t{"a":1} ] }\r\n',
        '{"tools":[1,1,1],"messages":[1,1]}',
    ],
)
def test_request_body_is_what_was_sent(store, reader, make, body):
    store.write([make.cut("before", b'{"messages":[1]}'), make.cut("a", body.encode()), make.closed("a")])
    assert request_body(reader, "a") == body.encode()


short = st.text(max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | short,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(short, inner, max_size=2),
    max_leaves=3,
)
blocks = st.fixed_dictionaries({"text": short}, optional={"cache_control": json_values})
several = st.lists(blocks, max_size=2)
messages = st.fixed_dictionaries({"role": short, "content": several}) | json_values
bodies = st.fixed_dictionaries(
    {"messages": st.lists(messages, max_size=3)},
    optional={"system": several | short, "tools": several, "x": json_values},
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(st.tuples(bodies, st.sampled_from([None, 1])), max_size=3))
def test_any_requests_come_back(tmp_path_factory, make, sent):
    raw = [json.dumps(body, indent=indent, ensure_ascii=False).encode("utf-8", "replace") for body, indent in sent]
    with open_writer(tmp_path_factory.mktemp("any") / "records.db") as db:
        store = Writer(db)
        for number, body in enumerate(raw):
            store.write([make.cut(f"i{number:04}", body)])
        assert [request_body(db, f"i{number:04}") for number in range(len(raw))] == raw


def test_a_body_that_could_not_be_cut(store, reader, make):
    body = b'{"messages": [broken'
    store.write([make.opened("a", body=make.part("body", body)), make.opened("b")])
    assert request_body(reader, "a") == body
    assert request_body(reader, "b") == b""


def test_equal_content_of_another_kind_is_another_part(store, db, make):
    store.write([make.cut("a", b'{"system":[{"x":1}],"tools":[{"x":1}],"messages":[{"x":1},{"x":1,"role":"user"}]}')])
    contents = [
        (row["kind"], part_content(db, row["id"])) for row in db["parts"].rows if row["kind"] in {"system", "tool"}
    ]
    assert sorted(contents) == [("system", b'{"x":1}'), ("tool", b'{"x":1}')]


def test_answer_and_timing(store, reader, make):
    answer, deltas = make.part("answer", {"role": "assistant"}, "assistant"), make.part("timing", [[1, "x", 0, 2]])
    store.write([make.opened("a"), make.closed("a", answer=answer, timing=deltas), make.opened("b"), make.closed("b")])
    assert answer_body(reader, "a") == answer.content
    assert timing(reader, "a") == deltas.content
    assert timing(reader, "b") is None
    with pytest.raises(StoreError, match="b: no answer"):
        answer_body(reader, "b")


def test_details(store, reader, make):
    headers = (
        ("X-App", SafeText("cli")),
        ("X-App", SafeText("again")),
        ("Authorization", SafeText("[REDACTED:bearer]")),
    )
    opened = make.opened("a", headers=headers, anomalies=("odd",))
    store.write([opened])
    assert details(reader, "a").closed is None
    closed = make.closed(
        "a", State.FAILED, headers=headers[:1], error_type="api_error", error_message=SafeText("Över lõaded")
    )
    store.write([closed])
    found = details(reader, "a")
    assert found.request_headers == headers
    assert found.response_headers == headers[:1]
    assert found.error_message == "Över lõaded"
    assert found.opened["anomalies"] == ["odd"]
    assert found.closed["state"] == "failed"


def test_content_that_can_be_erased_is_not_in_records(store, db, make):
    words = ["headerly", "prompting", "answering", "erroneous", "enveloped"]
    store.write(
        [
            make.cut("a", b'{"x":"enveloped","messages":["prompting"]}', headers=(("X", SafeText("headerly")),)),
            make.closed("a", answer=make.part("answer", "answering"), error_message=SafeText("erroneous")),
        ]
    )
    stored = json.dumps([row["body"] for row in db["records"].rows])
    assert [word for word in words if word in stored] == []


def test_tool_calls_of_an_answer(store, reader, make):
    store.write([make.opened("a"), make.closed("a", tools=["t1", "t2"])])
    assert [(call.index, call.tool_use_id, call.name, call.result_id) for call in tool_calls(reader, "a")] == [
        (0, "t1", "Bash", None),
        (1, "t2", "Bash", None),
    ]


def test_erased_and_damaged_content_are_told(store, db, make):
    store.write([make.cut("a", b'{"messages":["hi"]}')])
    db.execute("UPDATE parts SET content = x'00' WHERE kind = 'message'")
    with pytest.raises(StoreError, match="damaged"):
        request_body(db, "a")
    db.execute("UPDATE parts SET content = NULL WHERE kind = 'message'")
    with pytest.raises(StoreError, match="erased"):
        request_body(db, "a")


def test_odd_strings_are_kept_as_well_as_can_be(store, reader, make):
    opened = make.opened("a", path=SafeText("/v1/\ud800x"), headers=(("X", SafeText("\udcff")),))
    closed = make.closed("a", error_message=SafeText("a\ud800b"))
    with pytest.raises(UnicodeEncodeError):
        opened.path.encode()
    store.write([opened, closed])
    found = details(reader, "a")
    assert found.opened["path"] == "/v1/\ufffdx"
    assert found.error_message == "a\ufffdb"
    assert found.request_headers == (("X", "\ufffd"),)


def test_slots_keep_apart(store, reader, make):
    body = b'{"system":[1,2],"messages":[1,2],"tools":[1,2]}'
    store.write([msgspec.structs.replace(make.cut("a", body))])
    assert request_body(reader, "a") == body
    assert set(make.cut("b", body).chains) == set(Slot)
