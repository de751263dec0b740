"""Rules of the house that no linter knows: what may be committed, who may make safe values, what a wheel holds."""

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted([*(ROOT / "recorder").rglob("*.py"), *(ROOT / "addons").rglob("*.py")])
PINS = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)

# Written in halves, so that this file does not find itself.
FORBIDDEN = {
    "a package registry": [
        "pypi" + ".org",
        "python" + "hosted.org",
        "registry." + "npmjs",
        "deb." + "debian.org",
        "--index" + "-url",
        "--extra-index" + "-url",
        "--find" + "-links",
    ],
    "a path of one machine": ["/ro" + "ot/", "/wo" + "rk/", "/tmp/" + "lab"],
}


def tracked() -> list[Path]:
    """The files that git knows or would add; outside a checkout (an unpacked archive) there is nothing to hold."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("no git checkout")
    return [path for name in listing.stdout.split(b"\0") if name and (path := ROOT / os.fsdecode(name)).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_names(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked()
        for word in FORBIDDEN[what]
        if word.encode() in path.read_bytes()
    ]
    assert found == []


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if isinstance(function, ast.Name | ast.Attribute) and ast.unparse(function).endswith("cast") and node.args:
                yield ast.unparse(node.args[0]).strip("'\"").rpartition(".")[2]


def makes_safe_values(source: str) -> bool:
    return not {"SafeText", "SafeBytes"}.isdisjoint(calls(ast.parse(source)))


@pytest.mark.parametrize(
    ("source", "makes"),
    [
        ("SafeText(raw)", True),
        ("model.SafeBytes(raw)", True),
        ("cast(SafeText, raw)", True),
        ("typing.cast('model.SafeBytes', raw)", True),
        ("def show(text: SafeText) -> SafeBytes: return wash(text)", False),
    ],
)
def test_the_check_sees_what_makes_safe_values(source: str, *, makes: bool) -> None:
    assert makes_safe_values(source) is makes


def test_only_redaction_makes_safe_values() -> None:
    elsewhere = [path for path in CODE if not path.is_relative_to(ROOT / "recorder" / "redact")]
    assert [str(path.relative_to(ROOT)) for path in elsewhere if makes_safe_values(path.read_text())] == []


def test_kingfisher_never_calls_a_provider() -> None:
    """Its validator and revoker send what was found over the network; import-linter cannot see single names."""
    networked = re.compile(r"Validator|Validation|Revo(?:ker|cation)|\bvalidation\b|\brevocation\b")
    found = []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom | ast.Attribute):
                text = ast.unparse(node)
                if "kingfisher" in text and networked.search(text):
                    found.append(f"{path.relative_to(ROOT)}: {text}")
    assert found == []


def project() -> dict[str, list[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {"runtime": settings["project"]["dependencies"], "dev": settings["dependency-groups"]["dev"]}


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in PINS.findall((ROOT / "requirements" / f"{name}.txt").read_text()):
        found.setdefault(package, set()).add(version)
    return found


def canonical(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    return re.sub(r"[._-]+", "-", match[0]).lower()


@pytest.mark.parametrize(("file", "groups"), [("runtime", ["runtime"]), ("dev", ["runtime", "dev"])])
def test_every_dependency_is_pinned(file: str, groups: list[str]) -> None:
    wanted = {canonical(requirement) for group in groups for requirement in project()[group]}
    assert wanted - pins(file).keys() == set()


def test_development_has_the_versions_that_users_get() -> None:
    development = pins("dev")
    differing = {name: versions for name, versions in pins("runtime").items() if not versions <= development[name]}
    assert differing == {}


@pytest.mark.parametrize("file", ["runtime", "dev", "uv"])
def test_every_pin_has_a_hash(file: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements" / f"{file}.txt").read_text().strip())
    assert [entry for entry in entries if not re.search(r"==.*--hash=sha256:[0-9a-f]{64}", entry, re.DOTALL)] == []


def test_a_wheel_carries_the_addons(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    addons = {f"recorder/addons/{path.name}" for path in (ROOT / "addons").glob("*.py")}
    rooms = {str(path.relative_to(ROOT)) for path in (ROOT / "recorder").rglob("*.py")}
    verifiers = {f"recorder/verifiers/{path.name}" for path in (ROOT / "scripts").glob("verify_*.py")}
    assert addons | rooms | verifiers == {name for name in names if name.endswith(".py")}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "recorder = recorder.cli:main" in entry_points


def test_the_changelog_has_the_headings_of_our_own() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert "## [Unreleased]" in text or f"## [{version}]" in text
    assert {"### Schema", "### Ledger format"} <= set(text.splitlines())


def test_mitmproxy_is_the_release_line_that_was_tried() -> None:
    assert importlib.metadata.version("mitmproxy").startswith("12.")
