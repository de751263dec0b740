"""What the start record says of the settings, and what is said when they are others than last time."""

import msgspec

from recorder.capture.settings_change import changed
from recorder.capture.settings_record import digest, told
from recorder.config import AllowPattern, RedactSettings, Settings
from recorder.ledger.kinds import RecordKind
from recorder.store.rows import Event

SETTINGS = Settings(
    redact=RedactSettings(known=("env:DB_PASSWORD",), allow=("not-a-secret", AllowPattern(pattern="x")))
)


def start(settings: Settings, run_id: str = "r") -> Event:
    body = {"run_id": run_id, "config": digest(settings), "settings": told(settings), "on_failure": settings.on_failure}
    return Event(kind=RecordKind.START, at_utc="2026-11-25T12:00:00.000Z", body=body)


def test_no_value_is_told() -> None:
    text = msgspec.json.encode(told(SETTINGS)).decode()
    assert "not-a-secret" not in text
    assert "DB_PASSWORD" not in text
    assert told(SETTINGS)["redact"]["allowed"] == 2


def test_the_digest_is_of_all_settings() -> None:
    others = (
        msgspec.structs.replace(SETTINGS, upstream="https://b"),
        msgspec.structs.replace(SETTINGS, redact=RedactSettings()),
        msgspec.structs.replace(SETTINGS, heartbeat_seconds=301.0),
    )
    assert len({digest(settings) for settings in (SETTINGS, *others)}) == 4
    assert digest(SETTINGS) == digest(msgspec.structs.replace(SETTINGS))


def test_a_change_is_a_record() -> None:
    before = start(SETTINGS).body
    assert changed(before, start(SETTINGS, "s")) == []
    assert changed({}, start(SETTINGS)) == []
    assert changed({"run_id": "of an older recorder"}, start(SETTINGS)) == []
    other = start(msgspec.structs.replace(SETTINGS, on_failure="pass", heartbeat_seconds=60.0, upstream="https://b"))
    (record,) = changed(msgspec.json.decode(msgspec.json.encode(_cleaned(before))), other)
    assert record.kind is RecordKind.CONFIG
    assert record.body["changed"] == "heartbeat_seconds, on_failure"
    assert record.body["config"] == other.body["config"]


def _cleaned(body: dict[str, object]) -> dict[str, object]:
    from recorder.store.bodies import clean  # noqa: PLC0415

    return clean(body)
