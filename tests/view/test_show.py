import re
from datetime import UTC

import msgspec
import pytest
from rich.cells import cell_len

from recorder.store.database import open_reader
from recorder.view.conversation import load_conversation
from recorder.view.show import show
from scripts.sample import HOSTILE, SHOWN, Sample, said, thought
from tests.view.rendering import render


@pytest.fixture
def shown(db):
    def show_it(call, width=100, *, whole=False, **options):
        return render(show(load_conversation(db, call), whole=whole, zone=UTC), width, **options)

    return show_it


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize(
    "call", ["642f", "76c7", "6802", "4726", SHOWN, "d069", "cd56", "89b3", "1f76", "68f9", "d80a", "0e6f"]
)
@pytest.mark.parametrize("whole", [False, True])
def test_every_interaction_fits_every_terminal(shown, call, width, whole):
    assert max(map(cell_len, shown(call, width, whole=whole).splitlines())) <= width


def test_says_what_it_is(shown):
    assert shown(SHOWN).splitlines()[:5] == [
        f"✓ {SHOWN}  complete (tool_use)",
        "model      claude-opus-4-6 · anthropic (messages, streamed)",
        "when       2026-11-23 09:14:18 · webshop · ada · claude-cli/2.1.330",
        "session    5f0c9a42-1f7e-4d0b-9a53-2b8c6d1e7f00 · main",
        "request    POST api.anthropic.com/v1/messages?beta=true · HTTP 200 · req_21adfd5d80a9",
    ]
    assert "subagent a7c3 (Explore)" in shown("6802")


def test_older_messages_are_one_line(shown):
    assert "… 1 earlier message, --all shows it\n" in shown(SHOWN)
    assert "… 4 earlier messages, --all shows them\n" in shown("cd56")
    assert "voucher is applied twice" not in shown(SHOWN)
    everything = shown("cd56", whole=True)
    assert "earlier message" not in everything
    assert "voucher is applied twice" in everything


def test_a_retry_says_so_and_shows_the_last_message_in_any_case(shown):
    text = shown("cd56")
    assert "retry of   d0692d03bd9c5da5ec4afb3dd181539d" in text
    assert re.search(r"user +result of Edit\n +│ The file was updated\.", text)


def test_results_stand_under_their_calls(shown):
    text = shown("76c7")
    assert re.search(
        r"▶ Bash  pytest -q tests/test_cart\.py\n +result after 4\.36 s, in 21adfd5d\n +│ failed\n +│ F\.\.\.", text
    )
    request = shown(SHOWN).partition("answer ─")[0]
    assert re.search(r"▶ Bash  pytest.*\n +│ failed\n", request)
    assert not re.search(r"^user ", request, re.MULTILINE)  # nothing is left to say for it


def test_thinking_is_one_line_unless_all(shown):
    line = "thinking (91 characters)  The total is computed in the cart."
    assert line in shown("76c7")
    assert line not in shown("76c7", whole=True)
    assert "before the discount is capped." in shown("76c7", 120, whole=True)


def test_the_system_prompt_is_one_line_unless_all(shown):
    assert "system     2 blocks, 1,610 characters · new · You are a coding agent." in shown("642f")
    assert "1,610 characters · You are" in shown(SHOWN)
    assert " ".join(shown(SHOWN, whole=True).split()).count("Work carefully") == 40
    assert shown(SHOWN).count("Work carefully") < 3


def test_figures(shown):
    text = shown(SHOWN)
    assert "tokens     9 in · 14,210 from cache · 880 written to cache · 402 out" in text
    assert "cost       $0.0227 · genai-prices" in text
    assert "timing     first byte 1.40 s · whole 8.13 s · 49 tokens/s · 73 events, longest pause 90 ms" in text
    assert "removed    github-pat x2" in text
    assert "exactly $0.0967925" in shown("76c7", whole=True)


def test_an_unknown_cost_says_why(shown):
    line = next(line for line in shown("1f76", 200).splitlines() if line.startswith("cost "))
    assert "unknown" in line
    assert "model_names" in line
    assert "$0" not in line


def test_what_went_wrong(shown):
    assert "failed: overloaded_error · Overloaded" in shown("d069")
    aborted = shown("89b3")
    assert "aborted: client went away" in aborted
    assert "# Release notes" in aborted
    assert "anomaly    truncated: the stream ended" in aborted
    assert "The answer is not there yet." in shown("d80a")


def test_hostile_text_is_shown_not_obeyed(shown):
    text = shown("4726", 120, whole=True)
    assert "␛[2J␛]0;owned␇ file\\u202egpj.exe [bold red]not markup[/] \\x9b31m done" in text
    assert not set(HOSTILE) & set(text) & set("\x1b\x07\x9b\u202e")


def test_every_field_of_a_hostile_interaction_is_clean(tmp_path):
    evil = "\x1b[31m\u202e\x07"
    path = tmp_path / "evil.db"
    sample = Sample(path)
    call = sample.open(
        [said(f"user{evil}", evil, {"type": evil, "x": evil}), said("assistant", thought(evil * 3))],
        project=evil,
        user=evil,
        host=evil,
        path=evil,
        method=evil,
        model=evil,
        anomalies=(evil,),
    )
    block = {"type": "tool_use", "id": evil, "name": evil, "input": {evil: evil, "b": f"{evil}\n{evil}"}}
    sample.close_call(
        call, [block, {"type": "text", "text": evil}], None, ms=5, model=evil, status=500, state="failed", reason=evil,
        request_id=evil, stop_reason=evil, error_type=evil, error_message=evil, anomalies=(evil,),
        cost={"table": evil, "model": evil, "reason": evil, "rates": {evil: evil}},
    )  # fmt: skip
    sample.close()
    with open_reader(path) as db:
        conversation = load_conversation(db, call)
    for whole in (False, True):
        text = render(show(conversation, whole=whole, zone=UTC), 120)
        assert "␛[31m\\u202e␇" in text
        assert not set(evil[:1] + evil[5:]) & set(text)


def test_colour_never_stands_alone(shown):
    assert "\x1b[" in shown("d069", colour=True)
    assert "✗" in shown("d069")
    assert "failed" in shown("d069")


def test_a_call_without_a_result_says_so(db):
    conversation = load_conversation(db, "76c7")
    calls = tuple(msgspec.structs.replace(call, result_id=None, duration_ms=None) for call in conversation.calls)
    view = show(msgspec.structs.replace(conversation, calls=calls, results={}), zone=UTC)
    assert render(view).count("no result was recorded") == 2


def test_the_bar_beside_what_failed_is_red(shown):
    failed = [line for line in shown(SHOWN, colour=True).splitlines() if "AssertionError" in line]
    assert "\x1b[31m  │ " in failed[0]
