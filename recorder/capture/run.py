"""One run of the recorder, from start to stop: its settings, its writer, its lock, its count of what passed by."""

import asyncio
import os
import time
import uuid
from weakref import WeakSet

from filelock import FileLock

import recorder
from recorder.capture.anchor_schedule import AnchorSchedule
from recorder.capture.client import Capture
from recorder.capture.exchange import Exchange, Outbound
from recorder.capture.heartbeat import Heartbeat
from recorder.capture.limits import give_back_large
from recorder.capture.messages import Hello, Note, Open
from recorder.capture.progress import Following
from recorder.capture.retention import Retention
from recorder.capture.run_lock import hold, let_go
from recorder.capture.settings_record import digest, told
from recorder.capture.status_file import RunStatus, StatusFile
from recorder.capture.tee import Tee
from recorder.config import RedactSettings, Settings, cache_dir, config_dir, state_dir
from recorder.errors import RecorderError, StoreError
from recorder.ledger.kinds import RecordKind
from recorder.model import Credential, Headers

GRACE_SECONDS = 10.0
TICK_SECONDS = 1.0
"""How often answers under way are kept, the state is told, and what does not work is tried again."""


def now_us() -> int:
    """Return the time in UTC microseconds since the epoch."""
    return time.time_ns() // 1000


def new_id() -> str:
    """Return an interaction's id: random, so that a few of its characters tell it from others."""
    return uuid.uuid4().hex


def known_values(settings: RedactSettings) -> tuple[Credential, ...]:
    """Return the values that `[redact] known` names. Raises ConfigError when the table cannot be used."""
    if not (settings.known or settings.rule or settings.allow):
        return ()
    from recorder.capture.redaction import configured  # noqa: PLC0415 -- start-up time: loads the detectors' modules

    return configured(settings)


class Run:
    """A recorder at work. `start` before the first exchange, `stop` after the last."""

    def __init__(self, settings: Settings) -> None:
        """Raises ConfigError when `[redact]` or `[retention]` cannot be used."""
        self.id = uuid.uuid4().hex
        self.db = settings.db
        self._settings = settings
        self._lock: FileLock | None = None
        self._retention = Retention(settings)
        self._capture = Capture(
            self._hello(), wait_seconds=settings.wait_seconds, pending_bytes=settings.pending_mb * 1_000_000
        )
        self._anchors = AnchorSchedule(str(settings.db), settings.anchor, lambda: self._capture.frames)
        self._heartbeat = Heartbeat(settings.heartbeat_seconds, lambda: self._capture.frames, self._beat)
        self._following = Following(self._capture)
        self._exchanges: WeakSet[Exchange] = WeakSet()
        self._ticking: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        """Whether what came last could be recorded."""
        return self._capture.healthy

    @property
    def blocks(self) -> bool:
        """Whether what cannot be recorded is refused; else it passes, and is a gap."""
        return self._settings.on_failure == "block"

    async def start(self) -> None:
        """Open the record. Raises ConfigError or StoreError when there can be none."""
        give_back_large()
        try:
            self.db.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = hold(self.db, self.id)
        except OSError as error:
            raise StoreError(f"{self.db}: {error.strerror}; name another database with --db") from None
        try:
            await self._capture.start()
            self._retention.start()
        except RecorderError:
            let_go(self._lock)
            raise
        self._heartbeat.start()
        self._anchors.start()
        self._status = StatusFile(state_dir(), self.db, self.id)
        self._ticking = asyncio.create_task(self._tick_for_ever(), name="recorder-tick")

    def exchange(self, opening: Open, body: bytes, under_way_seconds: float) -> Exchange:
        """Begin the record of one exchange, whose request takes so long to get on its way if it need not wait."""
        after = under_way_seconds if self.healthy and self.outbound != "block" else None
        exchange = Exchange(
            self._capture, opening, body, block=self.blocks, outbound=self.outbound, after_seconds=after
        )
        self._exchanges.add(exchange)
        return exchange

    def follow(self, exchange: Exchange, tee: Tee, status: int, headers: Headers) -> None:
        """Keep what a tee collects of an answer while it is under way, not only at its end."""
        self._following.follow(exchange, tee, status, headers)

    @property
    def outbound(self) -> Outbound:
        """What happens to a request that would carry a secret out."""
        return self._settings.redact.outbound

    def note(self, kind: RecordKind, body: dict[str, int | str | None]) -> None:
        """Record something beside interactions; `body` holds no wire content."""
        self._capture.post(Note(kind=kind, at_us=now_us(), body={"run_id": self.id, **body}))

    async def stop(self, passed: int, refused: int = 0) -> None:
        """Write what is queued and the stop record, then let go of the database.

        `passed`: how many requests were no model interactions, and so went through unrecorded. `refused`: how many
        were refused before it was looked at what they are.
        """
        await self._heartbeat.stop()
        self.note(RecordKind.STOP, {"passed": passed, **({"refused": refused} if refused else {})})
        await self._retention.stop()
        if self._ticking:
            self._ticking.cancel()
        await self._capture.stop(GRACE_SECONDS)
        await self._anchors.stop(GRACE_SECONDS)
        if self._lock:
            self._status.close()
            let_go(self._lock)

    def _beat(self) -> None:
        self.note(RecordKind.HEARTBEAT, {})

    async def _tick_for_ever(self) -> None:
        while True:
            self._status.write(self.status())
            await asyncio.sleep(TICK_SECONDS)
            self._following.tell()
            self._capture.probe()

    def status(self) -> RunStatus:
        """Return how the run stands."""
        capture, hello = self._capture, self._capture.hello
        return RunStatus(
            run_id=self.id,
            pid=os.getpid(),
            db=str(self.db),
            version=hello.version,
            on_failure=hello.on_failure,
            started_us=hello.started_us,
            updated_us=now_us(),
            healthy=capture.healthy,
            reason=capture.health.reason,
            since_us=capture.health.since_us,
            writer_pid=capture.writer_pid,
            open_interactions=sum(exchange.is_under_way for exchange in self._exchanges),
            pending_bytes=capture.pending_bytes,
            last_commit_us=capture.last_commit_us,
            last_checkpoint_us=capture.last_progress_us,
            gaps=capture.gaps,
        )

    def _hello(self) -> Hello:
        return Hello(
            db=str(self.db),
            run_id=self.id,
            config_dir=str(config_dir()),
            cache_dir=str(cache_dir()),
            state_dir=str(state_dir()),
            started_us=now_us(),
            version=recorder.__version__,
            on_failure=self._settings.on_failure,
            project=self._settings.project,
            user=self._settings.user,
            team=self._settings.team,
            branch=self._settings.branch,
            model_names=self._settings.model_names,
            redact=self._settings.redact,
            heartbeat_seconds=self._settings.heartbeat_seconds,
            settings=told(self._settings),
            config=digest(self._settings),
            frame_seconds=self._settings.frame_seconds,
            memory_mb=self._settings.writer_memory_mb,
            known=known_values(self._settings.redact),
        )
