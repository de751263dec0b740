from pathlib import Path

from recorder.store.schema_doc import schema_doc

DOC = Path(__file__).parents[2] / "docs" / "schema.md"


def test_document_is_what_the_migrations_make():
    assert schema_doc() == DOC.read_text(encoding="utf-8"), "run `python -m recorder.store.schema_doc`"


def test_every_column_is_there(db):
    text = schema_doc()
    for table in db.tables:
        if not table.name.startswith("_"):
            section = text.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
            assert section.strip().split("\n")[0].endswith("."), f"{table.name} has no description"
            assert [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")] == list(
                table.columns_dict
            )


def test_comments_and_references_are_shown():
    text = schema_doc()
    assert "| `commitment` | BLOB, not null | SHA-256(salt ‖ content before compression)" in text
    assert "→ chains.id; the list without its last element" in text
    assert "CREATE INDEX interactions_started ON interactions(started_utc);" in text
