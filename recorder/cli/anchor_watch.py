"""Says on stderr which anchors fail, and which are well again, beside what `tail` and `status` are for."""

from collections.abc import Iterable

from recorder.cli.options import say
from recorder.config import AnchorSettings
from recorder.ledger.kinds import RecordKind
from recorder.store.database import Database
from recorder.store.records import events
from recorder.view.figures import local_time


class AnchorWatch:
    """Looks at the records of the anchors that are configured; one that was taken out does not fail any more."""

    def __init__(self, db: Database, anchors: Iterable[AnchorSettings]) -> None:
        self._db = db
        self._names = {one.name for one in anchors}
        self._after = 0
        self._failing: dict[str, str] = {}

    def look(self, last: int) -> None:
        """Say what is new in the records up to number `last`, or a little beyond."""
        if not self._names or last <= self._after:
            return
        newest = {row.body.get("anchor"): row for row in events(self._db, RecordKind.ANCHOR, self._after)}
        self._after = max([last, *(row.seq for row in newest.values())])
        for name in sorted(self._names & newest.keys()):
            body, since = newest[name].body, local_time(newest[name].at_utc)
            if body.get("event") == "failed":
                if self._failing.get(name) != body["reason"]:
                    say(f"anchor {name} fails since {since}: {body['reason']}")
                self._failing[name] = body["reason"]
            elif self._failing.pop(name, None):
                say(f"anchor {name} took a checkpoint again at {since}")
