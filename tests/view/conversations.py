"""Makes conversations of which the cache is known."""

import json

from recorder.model import Identity, Usage
from scripts.sample import OPUS, Sample, cut

EPHEMERAL = {"type": "ephemeral"}


class Talk:
    """Requests of one session, each with what it read from the cache and wrote to it."""

    def __init__(self, path):
        self.sample = Sample(path)
        self.base = {
            "model": OPUS,
            "max_tokens": 100,
            "system": [{"type": "text", "text": "You are careful.", "cache_control": EPHEMERAL}],
            "tools": [{"name": "Bash", "description": "Runs."}, {"name": "Read", "description": "Reads."}],
            "messages": [{"role": "user", "content": "one"}],
        }

    def ask(self, *, read=0, write=0, write_1h=0, model=OPUS, agent=None, used=True, answered=OPUS, **changed):
        body = self.base | {"model": model} | changed
        identity = Identity(session_id="s", agent_id=agent)
        raw = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
        call = self.sample.open([], model=model, identity=identity, **cut(raw))
        usage = Usage(
            input_tokens=10,
            output_tokens=1,
            cache_read_tokens=read,
            cache_write_5m_tokens=write,
            cache_write_1h_tokens=write_1h,
        )
        self.sample.close_call(call, [{"type": "text", "text": "ok"}], usage if used else None, ms=5, model=answered)
        return call

    def wait(self, seconds):
        self.sample.wait(seconds)
