"""An anchor that is a time-stamp server (RFC 3161, read 2026-11-25): it signs that a checkpoint was there at a time.

What it signed lies in the state folder, as any tool reads it: `N.note`, the checkpoint of N records, and `N.tsr`, the
server's answer. `openssl ts -verify -data N.note -in N.tsr -CAfile ca.pem` checks the two without us. They are kept on
this machine: what somebody deletes here is gone, but nobody can make one that is older than it is.
"""

import contextlib
import hashlib
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import certifi
from cryptography import x509

from recorder.anchor.place import AnchorError, Receipt
from recorder.errors import ConfigError
from recorder.ledger.checkpoint import is_of

_MOST_BYTES = 1_000_000
_GRANTED = 0


class TimestampPlace:
    """One time-stamp server, and the folder of its answers."""

    def __init__(self, url: str, ca: Path | None, folder: Path, seconds: float) -> None:
        """`ca`: file of the authorities (PEM) that the server's signature is checked with; None: it is not checked."""
        self._url = url
        self._ca = ca
        self._folder = folder
        self._seconds = seconds

    def put(self, note: str, origin: str, size: int) -> Receipt:
        """Have a checkpoint stamped."""
        tsp = _library()
        request = tsp.TimestampRequestBuilder().data(note.encode()).hash_algorithm(tsp.HashAlgorithm.SHA256).build()
        answer = self._ask(request.as_bytes())
        at_utc = self._checked(answer, note, request.nonce)
        folder = self._folder / origin.rpartition("/")[2]
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / f"{size}.note").write_text(note, encoding="utf-8")
        (folder / f"{size}.tsr").write_bytes(answer)
        checked = "yes" if self._ca else "no"
        return {"stamped_utc": at_utc, "token_sha256": hashlib.sha256(answer).hexdigest(), "checked": checked}

    def read(self, origin: str) -> list[str]:
        """Return the checkpoints whose stamps hold."""
        folder = self._folder / origin.rpartition("/")[2]
        found = [(int(path.stem), path) for path in folder.glob("*.note") if path.stem.isdecimal()]
        if not found:
            raise AnchorError("no stamps of this record lie here")
        notes = [(path.read_text(encoding="utf-8"), path.with_suffix(".tsr")) for _, path in sorted(found)]
        for note, answer in notes:
            self._checked(answer.read_bytes(), note, None)
        return [note for note, _ in notes if is_of(note, origin)]

    def _ask(self, query: bytes) -> bytes:
        request = urllib.request.Request(  # noqa: S310 -- http(s) alone: see `recorder.config`
            self._url, data=query, headers={"Content-Type": "application/timestamp-query"}
        )
        context = ssl.create_default_context(cafile=certifi.where())
        try:
            with urllib.request.urlopen(request, timeout=self._seconds, context=context) as response:  # noqa: S310
                answer: bytes = response.read(_MOST_BYTES)
        except urllib.error.HTTPError as error:
            raise AnchorError(f"the server answered with status {error.code}") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise AnchorError(f"the server cannot be reached ({type(reason).__name__})") from None
        return answer

    def _checked(self, answer: bytes, note: str, nonce: int | None) -> str:
        """Return when the server says it stamped a checkpoint. Raises AnchorError when the answer is not about it."""
        tsp = _library()
        try:
            response = tsp.decode_timestamp_response(answer)
            if response.status != _GRANTED:
                raise AnchorError(f"the server refused (status {response.status})")
            info = response.tst_info
            imprint = info.message_imprint.message
        except ValueError:
            raise AnchorError("the server's answer is no time stamp") from None
        if imprint != hashlib.sha256(note.encode()).digest() or (nonce is not None and info.nonce != nonce):
            raise AnchorError("the stamp is of something else")
        if self._ca:
            self._verify(response, note)
        return str(info.gen_time.isoformat(timespec="seconds").replace("+00:00", "Z"))

    def _verify(self, response: Any, note: str) -> None:
        assert self._ca
        tsp = _library()
        builder = tsp.VerifierBuilder()
        with contextlib.suppress(ValueError):
            for certificate in x509.load_pem_x509_certificates(self._ca.read_bytes()):
                builder = builder.add_root_certificate(certificate)
        try:
            builder.build().verify_message(response, note.encode())
        except (tsp.VerificationError, ValueError):
            raise AnchorError("the stamp is not signed by an authority in its `ca` file") from None


def _library() -> Any:
    try:
        import rfc3161_client  # noqa: PLC0415 -- an extra
    except ImportError:
        raise ConfigError(
            "an anchor of type timestamp needs an extra: pip install 'llm-audit-recorder[timestamp]'"
        ) from None
    return rfc3161_client
