"""Each place takes checkpoints and gives them back; what is wrong with it is said without address or output."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder.anchor.place import AnchorError
from recorder.anchor.places import make_place
from recorder.config import AnchorSettings
from recorder.ledger.checkpoint import Checkpoint
from recorder.ledger.note import SigningKey

KEY = SigningKey(bytes(32))
ORIGIN = "llm-audit-recorder/0123456789abcdef"


def signed(size: int, origin: str = ORIGIN) -> str:
    return Checkpoint(origin, size, bytes([size]) * 32).signed(KEY)


def anchor(kind: str, **settings: object) -> AnchorSettings:
    return AnchorSettings(name="one", type=kind, **settings)  # type: ignore[arg-type]


class TestFile:
    def test_appends_and_reads_its_own(self, tmp_path: Path) -> None:
        place = make_place(anchor("file", path=str(tmp_path / "kept")), tmp_path)
        for note in (signed(1), signed(7, "llm-audit-recorder/another"), signed(2)):
            place.put(note, ORIGIN, 1)
        assert place.read(ORIGIN) == [signed(1), signed(2)]

    def test_a_disk_that_is_not_there(self, tmp_path: Path) -> None:
        place = make_place(anchor("file", path=str(tmp_path / "away" / "kept")), tmp_path)
        with pytest.raises(AnchorError, match="is the disk mounted"):
            place.put(signed(1), ORIGIN, 1)
        with pytest.raises(AnchorError, match="is the disk mounted"):
            place.read(ORIGIN)
        assert not (tmp_path / "away").exists()


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout.strip()


class TestGit:
    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path / "repository")], check=True)
        return tmp_path / "repository"

    def test_commits_without_touching_the_work_tree(self, repository: Path, tmp_path: Path) -> None:
        (repository / "mine").write_text("x")
        git(repository, "add", "mine")
        place = make_place(anchor("git", repository=str(repository)), tmp_path)
        for size in (1, 2):
            receipt = place.put(signed(size), ORIGIN, size)
            assert receipt == {"commit": git(repository, "rev-parse", "audit-checkpoints"), "pushed": "no"}
        place.put(signed(9, "llm-audit-recorder/another"), "llm-audit-recorder/another", 9)
        assert place.read(ORIGIN) == [signed(1), signed(2)]
        assert git(repository, "status", "--porcelain") == "A  mine"
        assert git(repository, "log", "-1", "--format=%s", "audit-checkpoints") == "Checkpoint of 9 records"

    def test_pushes(self, repository: Path, tmp_path: Path) -> None:
        remote = tmp_path / "remote.git"
        subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
        git(repository, "remote", "add", "far", str(remote))
        place = make_place(anchor("git", repository=str(repository), push="far"), tmp_path)
        assert place.put(signed(1), ORIGIN, 1)["pushed"] == "yes"
        assert git(remote, "rev-parse", "audit-checkpoints") == git(repository, "rev-parse", "audit-checkpoints")
        git(repository, "update-ref", "-d", "refs/heads/audit-checkpoints")
        assert place.read(ORIGIN) == [signed(1)]

    def test_what_is_wrong(self, repository: Path, tmp_path: Path) -> None:
        with pytest.raises(AnchorError, match="branch is checked out"):
            make_place(anchor("git", repository=str(repository), branch="main"), tmp_path).put(signed(1), ORIGIN, 1)
        with pytest.raises(AnchorError, match="git push ended with exit code"):
            make_place(anchor("git", repository=str(repository), push="none"), tmp_path).put(signed(1), ORIGIN, 1)
        with pytest.raises(AnchorError, match="the branch is not there"):
            make_place(anchor("git", repository=str(repository), branch="x"), tmp_path).read(ORIGIN)
        with pytest.raises(AnchorError, match="git hash-object ended with exit code 128"):
            make_place(anchor("git", repository=str(tmp_path / "none")), tmp_path).put(signed(1), ORIGIN, 1)


class TestCommand:
    def test_hands_over_and_reads(self, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        write = f"import sys; open({str(kept)!r}, 'a').write(sys.stdin.read())"
        read = f"print(open({str(kept)!r}).read(), end='')"
        settings = anchor("command", run=(sys.executable, "-c", write), read=(sys.executable, "-c", read))
        place = make_place(settings, tmp_path)
        place.put(signed(1), ORIGIN, 1)
        place.put(signed(2), ORIGIN, 2)
        assert place.read(ORIGIN) == [signed(1), signed(2)]

    @pytest.mark.parametrize(
        ("words", "text"),
        [
            ((sys.executable, "-c", "import sys; print('s3cret', file=sys.stderr); sys.exit(3)"), "exit code 3"),
            (("no-such-command-here",), "is not there"),
            ((sys.executable, "-c", "import time; time.sleep(60)"), "more than 0.3 s"),
        ],
    )
    def test_what_is_wrong(self, tmp_path: Path, words: tuple[str, ...], text: str) -> None:
        seconds = 0.3 if "sleep" in words[-1] else 60.0
        place = make_place(anchor("command", run=words, timeout_seconds=seconds), tmp_path)
        with pytest.raises(AnchorError, match=text) as raised:
            place.put(signed(1), ORIGIN, 1)
        assert "s3cret" not in str(raised.value)
        with pytest.raises(AnchorError, match="no `read` command"):
            place.read(ORIGIN)


CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[stamp]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
"""


class Authority:
    """A time-stamp server: `openssl ts`, on the loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "openssl.cnf"
        self.config.write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01")
        self.ca = folder / "ca.pem"
        new = ("req", "-config", self.config, "-nodes", "-newkey", "rsa:2048")
        self.openssl(
            *new, "-x509", "-subj", "/CN=ca", "-extensions", "ca", "-keyout", folder / "ca.key", "-out", self.ca
        )
        self.openssl(*new, "-subj", "/CN=tsa", "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr")
        issue = (
            "x509",
            "-req",
            "-in",
            folder / "tsa.csr",
            "-CA",
            self.ca,
            "-CAkey",
            folder / "ca.key",
            "-set_serial",
            "2",
        )
        self.openssl(*issue, "-extfile", self.config, "-extensions", "stamp", "-out", folder / "tsa.pem")
        self.spoil: Callable[[bytes], bytes] = lambda answer: answer

    def openssl(self, *words: object) -> bytes:
        return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True).stdout

    def answer(self, query: bytes) -> bytes:
        asked = self.folder / "query"
        asked.write_bytes(query)
        said = self.openssl("ts", "-reply", "-config", self.config, "-queryfile", asked)
        return self.spoil(said)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


class TestTimestamp:
    @pytest.fixture
    def url(self, authority: Authority) -> Iterator[str]:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = authority.answer(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
        server.server_close()

    def test_a_stamp_that_any_tool_can_check(self, authority: Authority, url: str, tmp_path: Path) -> None:
        place = make_place(anchor("timestamp", url=url, ca=str(authority.ca)), tmp_path)
        receipt = place.put(signed(1), ORIGIN, 1)
        assert receipt["checked"] == "yes"
        assert str(receipt["stamped_utc"]).endswith("Z")
        place.put(signed(2), ORIGIN, 2)
        assert place.read(ORIGIN) == [signed(1), signed(2)]
        (stamp,) = tmp_path.rglob("1.tsr")
        authority.openssl("ts", "-verify", "-data", stamp.with_suffix(".note"), "-in", stamp, "-CAfile", authority.ca)
        stamp.with_suffix(".note").write_text(signed(3))
        with pytest.raises(AnchorError, match="of something else"):
            place.read(ORIGIN)

    def test_another_authority(self, authority: Authority, url: str, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        place = make_place(anchor("timestamp", url=url, ca=str(Authority(other).ca)), tmp_path)
        with pytest.raises(AnchorError, match="not signed by an authority"):
            place.put(signed(1), ORIGIN, 1)
        assert list(tmp_path.rglob("*.tsr")) == []

    def test_answers_that_are_none(self, authority: Authority, url: str, tmp_path: Path) -> None:
        place = make_place(anchor("timestamp", url=url), tmp_path)
        old = authority.answer(_query(b"another text"))
        for spoil in (lambda _: b"nonsense", lambda said: said[:-50], lambda _: old):
            authority.spoil = spoil
            with pytest.raises(AnchorError, match=r"no time stamp|something else"):
                place.put(signed(1), ORIGIN, 1)
        authority.spoil = lambda answer: answer
        assert place.put(signed(1), ORIGIN, 1)["checked"] == "no"

    def test_nobody_listens(self, tmp_path: Path) -> None:
        place = make_place(anchor("timestamp", url="http://127.0.0.1:1/"), tmp_path)
        with pytest.raises(AnchorError, match="cannot be reached"):
            place.put(signed(1), ORIGIN, 1)


def _query(data: bytes) -> bytes:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415

    return TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()
