"""A folder of Parquet files that DuckDB and pyarrow read."""

import hashlib
import json
import subprocess
import sys
from decimal import Decimal

import duckdb
import pytest
from pyarrow import dataset, parquet

from recorder.export import columns
from recorder.export.asked import Asked
from recorder.export.run import Export
from recorder.store import queries
from scripts.sample import SHOWN


def export(db, path):
    done = Export(db, Asked(format="parquet"), lambda *_: None)
    done.to_path(path, force=False)
    return done


def test_duckdb_reads_it(db, tmp_path):
    export(db, tmp_path / "out")
    read = f"read_parquet('{tmp_path}/out/**/*.parquet', hive_partitioning = true)"
    with duckdb.connect() as duck:
        days = duck.execute(f"SELECT day::text, count(*) FROM {read} GROUP BY 1 ORDER BY 1").fetchall()
        (cost,) = duck.execute(f"SELECT sum(cost_usd) FROM {read}").fetchone()
        (answer, began) = duck.execute(
            f"SELECT answer->>'$.content[1].name', started_utc AT TIME ZONE 'UTC' FROM {read} WHERE id = '{SHOWN}'"
        ).fetchone()
    assert days == [("2026-11-23", 11), ("2026-11-24", 3)]
    assert cost == sum(Decimal(row.cost_usd) for row in queries.list_interactions(db) if row.cost_usd)
    assert answer == "Edit"
    assert str(began) == "2026-11-23 09:14:18.540000"


def test_pyarrow_reads_it(db, tmp_path):
    export(db, tmp_path / "out")
    table = dataset.dataset(tmp_path / "out", format="parquet", partitioning="hive").to_table().to_pylist()
    assert {row["id"] for row in table} == {row.id for row in queries.list_interactions(db)}
    for row in table:
        assert json.loads(row["request"])["body"] == json.loads(queries.request_body(db, row["id"]) or b"null")
        expected = queries.get_interaction(db, row["id"])
        assert (row["input_tokens"], row["streaming"], row["duration_ms"]) == (
            expected.input_tokens,
            expected.streaming,
            expected.duration_ms,
        )


def test_files_are_small_private_and_named_by_their_first(db, tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "_MOST_ROWS", 4)
    done = export(db, tmp_path / "out")
    files = sorted((tmp_path / "out").rglob("*"))
    assert {file.stat().st_mode & 0o777 for file in files if file.is_file()} == {0o600}
    assert {file.stat().st_mode & 0o777 for file in files if file.is_dir()} == {0o700}
    found = [file for file in files if file.is_file()]
    assert [parquet.read_table(file, columns=["seq"])["seq"][0].as_py() for file in found] == [
        int(file.stem) for file in found
    ]
    assert len(found) == 5
    listing = "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(tmp_path / 'out')}\n" for file in found
    )
    assert done.sha256 == hashlib.sha256(listing.encode()).hexdigest()


def test_broken_off_and_gone_on_with_it_is_the_same(db, tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "_MOST_ROWS", 4)
    whole = export(db, tmp_path / "whole")
    real = queries.wholes

    def some(*args, **named):
        for number, one in enumerate(real(*args, **named)):
            if number == 6:
                raise KeyboardInterrupt
            yield one

    with monkeypatch.context() as patch:
        patch.setattr(queries, "wholes", some)
        with pytest.raises(KeyboardInterrupt):
            export(db, tmp_path / "out")
    (tmp_path / "out" / "day=2026-11-23" / "000000000099.parquet.partial").write_bytes(b"PAR1")
    again = Export(db, None, lambda *_: None)
    again.resume(tmp_path / "out")
    assert (again.count, again.sha256) == (whole.count, whole.sha256)
    assert not (tmp_path / "out" / ".export.state").exists()
    assert list((tmp_path / "out").rglob("*.partial")) == []


def test_without_pyarrow_the_error_names_the_extra():
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from recorder.errors import RecorderError\n"
        "try:\n    import recorder.export.columns\nexcept RecorderError as error:\n    print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "llm-audit-recorder[parquet]" in said
