"""The content view, and what the commands show of a flow."""

import json
import warnings

import pytest
from mitmproxy import contentviews, exceptions
from mitmproxy.test import tflow, tutils
from rich.cells import cell_len

from scripts.sample import HOSTILE, SHOWN, called, fill, gave, said

with warnings.catch_warnings():  # mitmproxy's filter language uses names that its parser's newer versions deprecate
    warnings.simplefilter("ignore")
    from mitmproxy.test import taddons
    from view import INTERACTION, ModelCallContentview, ModelCalls

EVENTS = (
    {"type": "message_start", "message": {"role": "assistant", "content": [], "usage": {"input_tokens": 7}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo."}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
)
STREAM = b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in EVENTS)
BODY = {
    "model": "claude-opus-4-6",
    "system": "You are careful.",
    "tools": [{"name": "Bash"}],
    "messages": [
        said("user", f"go {HOSTILE}"),
        said("assistant", called("t", "Bash", command="ls")),
        said("user", gave("t", "a.py")),
    ],
}


@pytest.fixture
def flow():
    request = tutils.treq(method=b"POST", path=b"/v1/messages?beta=true", host="api.anthropic.com")
    request.content = json.dumps(BODY).encode()
    found = tflow.tflow(req=request, resp=True)
    found.response.headers["content-type"] = "text/event-stream"
    found.response.content = STREAM
    return found


def shown(message, flow):
    view = ModelCallContentview()
    metadata = contentviews.Metadata(flow=flow, http_message=message)
    assert view.render_priority(message.content, metadata) > 1
    return view.prettify(message.content, metadata)


def test_a_request_is_a_conversation(flow):
    text = shown(flow.request, flow)
    assert "system     You are careful." in text
    assert "tools      1: Bash" in text
    assert text.index("go ") < text.index("▶ Bash") < text.index("a.py")
    assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_a_stream_is_the_message_that_it_amounts_to(flow):
    assert shown(flow.response, flow) == "answer     Hello.\n7 in · 0 from cache · 0 to cache · 2 out"


def test_what_is_no_model_call_is_left_to_other_views(flow):
    view = ModelCallContentview()
    flow.request.path = "/v1/models"
    metadata = contentviews.Metadata(flow=flow, http_message=flow.request)
    assert view.render_priority(b"{}", metadata) < 0
    assert view.render_priority(b"{}", contentviews.Metadata()) < 0
    with pytest.raises(ValueError, match="not a model call"):
        view.prettify(b"{}", metadata)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'{"messages": 1}'])
def test_a_body_that_is_none_is_an_error_that_mitmproxy_shows(flow, body):
    view = ModelCallContentview()
    with pytest.raises(ValueError, match="no request with messages"):
        view.prettify(body, contentviews.Metadata(flow=flow, http_message=flow.request))


@pytest.fixture
def ui(tmp_path):
    path = tmp_path / "records.db"
    fill(path)
    with taddons.context(ModelCalls()) as context:
        context.configure(context.master.addons.chain[-1], recorder_db=str(path))
        yield lambda name, *args: list(context.master.commands.call(name, *args))


def test_commands_show_what_is_recorded(ui, flow, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")  # whatever this terminal has
    flow.metadata[INTERACTION] = SHOWN
    assert any("▶ Edit" in line for line in ui("recorder.show", flow))
    assert any("messages added" in line for line in ui("recorder.diff", flow))
    assert ui("recorder.why_miss", flow)[1] == "hit"
    assert any(line.startswith("claude-opus-4-6") for line in ui("recorder.usage", "model"))
    assert "project" in ui("recorder.usage.keys")


@pytest.mark.parametrize(("columns", "shown"), [("120", 94), ("80", 62), ("20", 40)])
def test_what_commands_show_fits_the_data_viewer(ui, flow, monkeypatch, columns, shown):
    flow.metadata[INTERACTION] = SHOWN
    monkeypatch.setenv("COLUMNS", columns)
    assert max(map(cell_len, ui("recorder.show", flow))) == shown  # a rule goes from end to end


def test_a_flow_that_is_not_on_the_record(ui, flow):
    with pytest.raises(exceptions.CommandError, match=r"load addons/audit\.py"):
        ui("recorder.show", flow)
    flow.metadata[INTERACTION] = "unknown"
    with pytest.raises(exceptions.CommandError, match="no interaction"):
        ui("recorder.show", flow)
