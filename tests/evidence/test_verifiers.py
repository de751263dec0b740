"""The stand-alone verifiers: found wherever the recorder is, short, and readable by any Python that is still about."""

import ast
import sys

import pytest

from recorder.evidence.verifiers import LEDGER, PACK, verifier_path


@pytest.mark.parametrize("name", [LEDGER, PACK])
def test_they_need_nothing_but_an_old_python(name: str) -> None:
    tree = ast.parse(verifier_path(name).read_text(encoding="utf-8"), feature_version=(3, 9))
    roots = {
        alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    roots |= {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert roots - sys.stdlib_module_names <= {"verify_ledger", "compression"}


def test_the_one_of_packs_is_read_in_ten_minutes() -> None:
    assert len(verifier_path(PACK).read_text(encoding="utf-8").splitlines()) <= 400
