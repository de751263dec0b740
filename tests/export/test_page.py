"""A page that needs nothing else, in which hostile text stays text, and that a browser opens."""

import html.parser
import re
import shutil
import subprocess

import pytest

from recorder.export.page import Html
from recorder.store import queries
from recorder.store.database import open_reader
from scripts.sample import Sample, called, gave, said

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>\x1b[2J\u202egpj.exe"


def page_of(path):
    with open_reader(path) as db:
        html = Html()
        found = [html.add(whole) for whole in queries.wholes(db, to=queries.last_seq(db))]
        return b"".join([html.begin(), *found, html.end()]).decode()


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def hostile(tmp_path):
    path = tmp_path / "records.db"
    sample = Sample(path)
    ask = said("user", HOSTILE)
    use = called("toolu_1", HOSTILE, **{HOSTILE: HOSTILE})
    call = sample.open([ask], project=HOSTILE, user=HOSTILE)
    sample.close_call(call, [{"type": "text", "text": HOSTILE}, use], None, ms=100)
    sample.open([ask, said("assistant", use), said("user", gave("toolu_1", HOSTILE, is_error=True))])
    sample.close()
    return page_of(path)


def test_hostile_text_stays_text(hostile):
    reader = Reader()
    reader.feed(hostile)
    assert reader.open == []
    assert not {"script", "img", "a", "link", "iframe"} & set(reader.tags)
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert hostile.count("&lt;script&gt;") >= 7
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", hostile)


def test_it_needs_nothing_else(hostile):
    assert "default-src 'none'" in hostile
    assert not re.search(
        r"""(?:src|href|action)=|url\(|@import|https?://(?!x\.invalid)""", hostile.split("<article")[0]
    )


def test_it_reads_as_the_conversation_that_it_was(sample_path):
    page = page_of(sample_path)
    reader = Reader()
    reader.feed(page)
    assert reader.tags.count("article") == 14
    assert page.count("The cart shows the wrong total when a voucher is applied twice") == 1
    first, again = page.split("`apply_voucher` never checks whether")[:2]
    assert first.endswith("<h3>answer</h3>\n<pre>")
    assert again.endswith('sent back</summary><section class="assistant"><h3>assistant</h3>\n<pre>')
    assert "Secrets removed: github-pat \u00d72" in page
    assert "2 earlier messages, shown above where new" not in page.split("<article")[1]
    assert "No answer was recorded: overloaded_error · Overloaded" in page
    assert "unknown ·" in page  # a cost that is not known is not 0


@pytest.mark.e2e
def test_chromium_opens_it(tmp_path, hostile):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    file = tmp_path / "page.html"
    file.write_text(hostile)
    shown = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/chromium",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    ).stdout
    assert "<title>Recorded interactions</title>" in shown
    assert shown.count("<article") == 2
    assert "<script" not in shown
