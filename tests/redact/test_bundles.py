"""Many texts at once: what comes out is what comes out of each alone, wherever the secret lies."""

import base64
import itertools
import json
import random

import pytest

from recorder.redact import Redactor
from recorder.redact.bundles import ALONE_BYTES, BUNDLE_BYTES, Bundle, bundled
from recorder.redact.view import JOINT
from tests.redact.samples import make
from tests.redaction.case import Door
from tests.redaction.corpus import positives
from tests.redaction.negatives import negatives
from tests.support.redactors import fresh

KEY = make("anthropic-api-key")


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return fresh(key=b"r" * 32)


def noise(size: int) -> str:
    return base64.b64encode(random.Random(size).randbytes(size)).decode()


def text_of(*strings: str) -> bytes:
    return json.dumps([{"type": "text", "text": one} for one in strings]).encode()


def test_bundles_are_bounded_hold_each_text_once_and_no_large_one() -> None:
    texts = [b"%d" % number * 1000 for number in range(200)] + [b"x" * ALONE_BYTES, b"y"]
    bundles = list(bundled(iter(texts)))
    assert sorted(numbered for bundle in bundles for numbered in bundle) == list(enumerate(texts))
    assert all(sum(len(text) for _, text in bundle) <= BUNDLE_BYTES for bundle in bundles)
    assert [(200, texts[200])] in bundles
    assert len(bundles) == 9
    assert list(bundled([])) == []


def test_what_comes_out_is_in_the_order_of_what_went_in(redactor: Redactor) -> None:
    texts = [json.dumps(f"{number} " * size).encode() for number, size in enumerate((1, 5000, 2, 9000, 3, 1, 6000))]
    texts[2] = json.dumps(f"x {KEY}").encode()
    assert redactor.json_each(texts) == [redactor.json(text) for text in texts]


def test_whatever_is_found_alone_is_found_among_others(redactor: Redactor) -> None:
    rng = random.Random(4)
    plain = [one.given for one in negatives(4, 2)]
    plain = [text for text in plain if not redactor.json(text).edits]
    found = 0
    for case in itertools.islice(positives(4, 1), 0, None, 37):
        text = case.given.encode("utf-8", "surrogatepass")
        if case.door is not Door.JSON:
            text = json.dumps(case.given).encode()
        alone = redactor.json(text)
        others = rng.sample(plain, 4)
        texts = [*others[:2], text, *others[2:]]
        assert redactor.json_each(texts)[2] == alone, case
        found += bool(alone.findings)
    assert found > 25


def test_a_secret_at_either_edge_and_in_several(redactor: Redactor) -> None:
    some = [text_of("a"), json.dumps(KEY).encode(), text_of(f"{KEY} b"), b"1", text_of(f"c {KEY}")]
    for texts in (some, some[::-1], some[1:], some[:2], [some[1]] * 3):
        assert redactor.json_each(texts) == [redactor.json(text) for text in texts]
    assert redactor.json_each(iter([])) == []


def test_texts_do_not_lend_each_other_what_protects_a_field(redactor: Redactor) -> None:
    picture = b'{"type": "base64", "media_type": "image/png"}'
    data = json.dumps({"bytes": json.dumps(KEY)}).encode()
    assert redactor.json_each([picture, data]) == [redactor.json(picture), redactor.json(data)]
    signed = json.dumps({"type": "thinking", "thinking": "x", "signature": noise(300)}).encode()
    texts = [text_of("a"), signed, text_of("b")]
    bundle = Bundle(texts)
    (field,) = bundle.fields
    assert JOINT.join(texts)[field.start : field.end].decode() in signed.decode()
    assert redactor.json_each(texts) == [redactor.json(text) for text in texts]


def test_images_are_hashed_among_others() -> None:
    redactor = fresh(key=b"r" * 32, images="hash")
    image = json.dumps({"type": "base64", "media_type": "image/png", "data": noise(300)}).encode()
    assert b"[IMAGE sha256:" in redactor.json_each([text_of("a"), image])[1].value


def test_a_text_that_is_broken_is_not_read_into_the_next(redactor: Redactor) -> None:
    assert not Bundle([b'"unfinished', b'"a"']).is_sound
    assert Bundle([b'"a"', b'"b", "c"', b"1", b'"unfinished']).is_sound
    texts = [b'"unfinished', json.dumps({"password": "hunter2-Xk91"}).encode()]
    assert redactor.json_each(texts) == [redactor.json(text) for text in texts]


def test_a_dump_of_a_program_does_not_hide_one_of_a_text(redactor: Redactor) -> None:
    program = bytes(range(128, 256)) * 8
    secret = f"export ANTHROPIC_API_KEY={KEY}\n".encode()
    texts = [text_of(f"$ xxd {name}\n{dump(content)}") for name, content in (("a.out", program), ("env", secret))]
    alone = [redactor.json(text) for text in texts]
    assert alone[1].findings
    assert redactor.json_each(texts) == alone
    both = text_of(f"{dump(program)}\nand the other one, which is a text as everybody can see:\n{dump(secret)}")
    assert redactor.json(both).findings


def dump(content: bytes) -> str:
    lines = (content[at : at + 16] for at in range(0, len(content), 16))
    return "".join(f"{16 * at:08x}: {line.hex(' ', 2):<39}  {'.' * len(line)}\n" for at, line in enumerate(lines))
