import base64
import json

import pytest

from recorder.model import Credential, SafeBytes
from recorder.redact import ALLOWED, Allow
from recorder.redact.allowance import Allowance
from recorder.redact.spans import Rank, Span
from tests.redact.samples import make
from tests.support.redactors import fresh

KEY, OTHER = make("github-pat"), make("github-pat", 2)


def test_an_exact_value_stays_and_each_use_is_told() -> None:
    redactor = fresh(allow=[Allow(exact=KEY)])
    redacted = redactor.json(json.dumps({"a": KEY, "token": KEY, "b": OTHER}).encode())
    assert redacted.value.count(KEY.encode()) == 2
    assert OTHER.encode() not in redacted.value
    told = {finding.kind: finding for finding in redacted.findings}
    assert told[ALLOWED].count == 2
    assert told[ALLOWED].fingerprint == fresh().text(KEY).findings[0].fingerprint
    assert redactor.rescan(redacted.value) == ()
    assert redactor.rescan(SafeBytes(OTHER.encode())) != ()


def test_a_pattern_allows_whole_values_only() -> None:
    redactor = fresh(allow=[Allow(pattern="ghp_Q7z.*")])
    assert redactor.text(KEY).value == KEY
    assert KEY not in fresh(allow=[Allow(pattern="ghp_Q7z")]).text(KEY).value


def test_what_is_known_stays_for_its_exact_value_alone() -> None:
    known = [Credential("api-key", KEY)]
    assert KEY not in fresh(known, allow=[Allow(pattern="ghp_.*")]).text(KEY).value
    assert fresh(known, allow=[Allow(exact=KEY)]).text(KEY).value == KEY


def test_an_allowed_value_hides_no_other_in_the_same_encoded_run() -> None:
    redactor = fresh(allow=[Allow(exact=KEY)])
    run = base64.b64encode(f"one {KEY} two {OTHER}".encode()).decode()
    assert run not in redactor.text(run).value
    alone = base64.b64encode(f"one {KEY} two".encode()).decode()
    assert redactor.text(alone).value == alone


def test_pieces_of_an_allowed_value_stay_with_it() -> None:
    spans = [Span(0, 10, "a", b"allowed-ab", Rank.ENGINE), Span(2, 8, "b", b"lowed-", Rank.CONTEXT)]
    going, staying = Allowance([Allow(exact="allowed-ab")]).split(spans)
    assert going == []
    assert [span.kind for span in staying] == ["a"]


@pytest.mark.parametrize("entry", [Allow(), Allow(exact="a", pattern="b"), Allow(exact=""), Allow(pattern="(")])
def test_an_entry_that_cannot_be_used_is_refused(entry: Allow) -> None:
    with pytest.raises(ValueError, match="redact allow"):
        Allowance([entry])
