from recorder.model import State, Usage
from recorder.store.database import open_reader
from recorder.view.conversation import load_conversation
from recorder.view.resent import resent_json, side_by_side
from scripts.sample import HOSTILE, Sample, said
from tests.view.rendering import render


def test_side_by_side(tmp_path):
    path = tmp_path / "records.db"
    sample = Sample(path)
    ids = [sample.open([said("user", "Hello")]) for _ in range(2)]
    call = {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "ls"}}
    sample.close_call(ids[0], [{"type": "text", "text": "The old answer."}, call], Usage(output_tokens=4), ms=900)
    sample.close_call(ids[1], [{"type": "text", "text": f"New {HOSTILE}"}], None, ms=20, state=State.ABORTED)
    sample.close()
    with open_reader(path) as db:
        text = render(side_by_side(*(load_conversation(db, id_) for id_ in ids)))
        both = resent_json(db, *ids)
    assert "\x1b]0;" not in text
    line = next(line for line in text.splitlines() if ids[0] in line)
    assert ids[1] in line
    assert line.index(ids[0]) < line.index(ids[1])
    assert "▶ Bash" in text
    assert [both[side]["interaction"]["id"] for side in ("before", "after")] == ids
