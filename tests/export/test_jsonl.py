"""JSON Lines hold what `show --json` says, and whoever reads JSON can read them."""

import json

import msgspec
import pytest

from recorder.export.jsonl import JsonLines, as_json
from recorder.store import queries
from recorder.view import asjson


def test_each_line_is_what_show_says(db):
    lines = JsonLines()
    for whole in queries.wholes(db, to=queries.last_seq(db)):
        line = lines.add(whole)
        assert line.count(b"\n") == 1
        expected = asjson.conversation(db, whole.row.id)
        assert json.loads(line) == json.loads(json.dumps(expected))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1.0, 1e999]}', '{"a": [1.0, 1e999]}'),
        (b'{\n "a":\r\n "b\\n"}', '{  "a":   "b\\n"}'),
        (b"not json", '"not json"'),
        (b'{"a": "x\ny"}', json.dumps('{"a": "x\ny"}')),
        (b'{"a": "\xff"}', json.dumps('{"a": "\ufffd"}', ensure_ascii=False)),
        (b"[" * 100_000, None),
        (b"{} {}", '"{} {}"'),
    ],
)
def test_a_body_is_given_as_it_is_where_it_is_json(body, value):
    encoded = msgspec.json.encode({"body": as_json(body)}).decode()
    assert encoded == (f'{{"body":{value}}}' if value else f'{{"body":"{body.decode()}"}}')
    assert "\n" not in encoded
