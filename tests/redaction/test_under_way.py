"""What is kept of an answer under way, cut anywhere: no run of a secret that the whole answer would not keep."""

import json
import random

from recorder.capture.messages import Chunks, Progress
from recorder.capture.partial_side import PartialSide
from recorder.redact import Redactor
from recorder.wire.answer import Chunk
from tests.capture.test_desk import TARGET
from tests.redaction.case import Case, Door
from tests.redaction.corpus import positives
from tests.support.redactors import fresh
from tests.wire import streams

CASES = 60
SEED = 1
WORDS = "the quick brown fox jumps over a lazy dog and goes on, as stories do, "


def kept(redactor: Redactor, text: str, dice: random.Random) -> str:
    """Return all text that is kept of an answer before its end."""
    size = dice.choice([3, 7, 40, 200])
    deltas = [text[at : at + size] for at in range(0, len(text), size)]
    body = streams.sse([streams.START, *streams.text_block(0, *deltas)])
    cuts = sorted({*dice.sample(range(1, len(body)), dice.choice([1, 3, 8])), len(body)})
    side, begun, texts = PartialSide(redactor), 0, []
    for cut in cuts:
        told = Progress(
            id="a",
            target=TARGET,
            status=200,
            headers=() if begun else streams.SSE_HEADERS,
            chunks=Chunks.of(Chunk(1, cut - begun)),
            offset=begun,
        )
        row = side.row(told, body[begun:cut], 1)
        begun = cut
        texts += [event.get("text") or "" for event in json.loads(row.content if row else b"{}").get("events") or ()]
    return "".join(texts)


def test_no_secret_of_the_corpus_is_kept_in_part() -> None:
    redactor, dice = fresh(), random.Random(SEED)
    cases = [case for case in positives(SEED, 1) if case.door is Door.JSON and case.group == "core"]
    leaks, seen = [], 0
    for case in dice.sample(cases, CASES):
        text = f"{WORDS * dice.randrange(3, 20)}{inside(case)} {WORDS * 12}"
        got = kept(redactor, text, dice)
        seen += WORDS[:20] in got
        whole = redactor.text(text).value
        leaks += [(case.kind, case.way, run) for run in case.leaks(got) if run not in whole]
    assert leaks == []
    assert seen == CASES


def inside(case: Case) -> str:
    """Return the longest text of a case: the one with the secret."""
    return max(strings(json.loads(case.given)), key=len)


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in strings(one)]
