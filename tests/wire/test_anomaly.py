from recorder.wire.anomaly import RAW_CAP_BYTES, Anomaly, anomaly


def test_short_bytes_are_kept_whole() -> None:
    assert anomaly("kind", "why", bytearray(b"x" * RAW_CAP_BYTES)) == Anomaly("kind", "why", b"x" * RAW_CAP_BYTES)


def test_long_bytes_are_capped_and_counted() -> None:
    found = anomaly("kind", "why", b"x" * RAW_CAP_BYTES + b"yz")
    assert found.raw == b"x" * RAW_CAP_BYTES
    assert found.detail == "why (the first 65536 of 65538 bytes are kept)"


def test_raw_is_immutable() -> None:
    assert type(anomaly("kind", "why", bytearray(b"x")).raw) is bytes
