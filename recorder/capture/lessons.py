"""Teaches the redactor the credentials that go by: what is sent as a key is a secret wherever else it appears."""

from recorder.capture.messages import Close, Open
from recorder.model import Credential
from recorder.redact import Redactor, find_credentials, is_worth_learning
from recorder.redact.known import PASSING_KINDS


class Lessons:
    """What one redactor was taught by the exchanges of a writer process."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._taught: set[Credential] = set()
        """Nearly every request brings the same: the redactor, which looks at each once more, need not be asked."""

    def teach(self, message: Open | Close) -> list[Credential]:
        """Teach what a message carries; return what was new."""
        return [credential for credential in _carried(message) if self._is_new(credential)]

    def _is_new(self, credential: Credential) -> bool:
        if credential in self._taught:
            return False
        if credential.kind not in PASSING_KINDS:  # those the redactor forgets
            self._taught.add(credential)
        return self._redactor.learn(credential)


def _carried(message: Open | Close) -> list[Credential]:
    routing = message.routing if isinstance(message, Open) else None
    own = [one for one in (routing.secrets if routing else ()) if is_worth_learning(one.value)]
    headers = (*message.headers, *(routing.headers if routing else ()))
    return [*own, *find_credentials(headers, message.target.path)]
