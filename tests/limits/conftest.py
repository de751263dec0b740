"""Keepers over one database, a writer that records what became of requests, and a clock that the test moves."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from recorder.limits.decision import Admitted, Verdict
from recorder.limits.keeper import Keeper
from recorder.limits.limits_file import load_limits
from recorder.limits.request import Request
from recorder.model import FlowClass, Identity, Protocol, Provider, SafeText, State, Usage
from recorder.policy.estimate import Asking
from recorder.policy.subject import Subject
from recorder.store.database import open_writer
from recorder.store.reservations import open_reservations
from recorder.store.rows import Closed, Limited, Opened
from recorder.store.writer import Writer

MODEL = "claude-haiku-4-5"
START_US = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()) * 1_000_000


class Office:
    """Everything around keepers."""

    def __init__(self, folder: Path, key: bytes = b"k" * 32) -> None:
        self._key = key
        self._folder = folder
        self.path = folder / "records.db"
        self.writer = Writer(open_writer(self.path))
        self.now_us = START_US
        self.alive = {"run"}
        self._numbers = itertools.count()
        self.keepers: list[Keeper] = []
        self._verdicts: dict[str, tuple[Request, Verdict]] = {}

    def keeper(self, text: str, run_id: str = "run") -> Keeper:
        config = self._folder / "recorder.toml"
        config.write_text(text)
        keeper = Keeper(
            open_reservations(self.path), key=self._key, run_id=run_id, names={}, is_alive=self.alive.__contains__
        )
        keeper.configure(load_limits(config))
        self.keepers.append(keeper)
        return keeper

    def ask(self, keeper: Keeper, *, output: int = 1000, size: int = 0, **who: str) -> tuple[str, Verdict]:
        """Let a keeper decide about a request with so many output tokens at most, at the time that it is."""
        subject = Subject(**{"model": MODEL, "provider": "anthropic"} | who)
        asking = Asking(
            at_us=self.now_us,
            session=subject.session,
            agent_id=subject.agent_id,
            model=subject.model,
            priced_as=subject.model,
            provider=Provider.ANTHROPIC,
            bytes=size,
            max_tokens=output,
        )
        request = Request(id=f"i{next(self._numbers)}", subject=subject, asking=asking)
        verdict = keeper.admit(request, self.now_us)
        self._verdicts[request.id] = request, verdict
        return request.id, verdict

    def answered(self, interaction: str, output: int, state: State = State.COMPLETE, **more: object) -> None:
        """Record a request that was let through, and what came of it; output costs 5 USD a million."""
        self.opened(interaction)
        at_utc = utc(self.now_us)
        usd = format(Decimal(output) * 5 / 1_000_000, "f")
        given = {"usage": Usage(output_tokens=output), "cost_usd": usd} | more
        self.writer.write(
            [Closed(id=interaction, at_utc=at_utc, state=state, provider=Provider.ANTHROPIC, duration_us=1, **given)]
        )

    def opened(self, interaction: str) -> None:
        request, verdict = self._verdicts[interaction]
        assert isinstance(verdict, Admitted)
        subject = request.subject
        expected = verdict.expected
        row = Opened(
            id=interaction,
            run_id="run",
            at_utc=utc(request.asking.at_us),
            flow_class=FlowClass.MODEL,
            protocol=Protocol.MESSAGES,
            provider=Provider.ANTHROPIC,
            method="POST",
            scheme="https",
            host="api.anthropic.com:443",
            path=SafeText("/v1/messages"),
            identity=Identity(session_id=subject.session, agent_id=subject.agent_id, agent_type=subject.agent_type),
            model=SafeText(subject.model or ""),
            user=subject.user,
            team=subject.team,
            project=subject.project,
            access_key=subject.key,
            limited=Limited(
                policy="",
                usd=None if expected.usd is None else str(expected.usd),
                input_tokens=expected.input_tokens,
                output_tokens=expected.output_tokens,
            ),
        )
        self.writer.write([row])

    def held(self) -> int:
        """Count the reservations."""
        with open_writer(self.path) as db:
            return db["reservations"].count

    def close(self) -> None:
        for keeper in self.keepers:
            keeper.close()
        self.writer.close()


def utc(at_us: int) -> str:
    moment = datetime.fromtimestamp(at_us / 1e6, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def office(tmp_path: Path):
    office = Office(tmp_path)
    yield office
    office.close()
