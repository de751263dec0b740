"""What the documents say to write is what can be written: configurations are right, commands and their options exist.

Blocks that belong together, a second `toml` that goes on with the first's upstreams say, are tried with what stands
before them in the same document.
"""

import contextlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from recorder.cli import main
from recorder.config import load
from recorder.limits.limits_file import load_limits
from recorder.routing.policy_file import read_policy

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`recorder ([^`]*)`")
_OPTIONAL = re.compile(r"\[[^\]]*\]|[|(…].*| \.\.\.")
_MADE_UP = '[upstream.{}]\nurl = "https://{}.example"\n'


def blocks(language: str) -> list[object]:
    return [
        pytest.param(document, number, text, id=f"{document.stem}-{number}")
        for document in DOCUMENTS
        for number, (found, text) in enumerate(_BLOCK.findall(document.read_text()))
        if found == language
    ]


def others(text: str) -> str:
    """Give upstreams that a block names and another one makes."""
    named = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^to = (.*?)(?:#|$)", text, re.MULTILINE))))
    made = set(re.findall(r"^\[upstream\.([\w-]+)\]", text, re.MULTILINE))
    names = {name for name in named - made if not name.isdigit()}
    return "".join(_MADE_UP.format(name, name) for name in sorted(names))


@pytest.mark.parametrize(("document", "number", "text"), blocks("toml"))
def test_configurations(tmp_path: Path, document: Path, number: int, text: str) -> None:
    path = tmp_path / "recorder.toml"
    path.write_text(f"{text}\n{others(text)}")
    load(path, {})
    read_policy(path, None)
    load_limits(path)


def commands(text: str) -> Iterator[list[str]]:
    """Give the words of each call of `recorder` in a shell block."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\||;", line):
            words = shlex.split(part, comments=True)
            if words[:1] == ["recorder"]:
                yield words[1:]


def resolve(words: list[str]) -> None:
    """Parse a command line as click does, without doing anything. Raises UsageError for what is not there."""
    command: click.Command = main
    context = click.Context(main, info_name="recorder")
    while isinstance(command, click.Group) and words:
        _, rest, _ = command.make_parser(context).parse_args(list(words))
        if not rest:
            return
        _, found, words = command.resolve_command(context, rest)
        assert found is not None
        context = click.Context(found, info_name=found.name, parent=context)
        command = found
    command.make_parser(context).parse_args(words)


@pytest.mark.parametrize(("document", "number", "text"), blocks("sh"))
def test_commands(document: Path, number: int, text: str) -> None:
    for words in commands(text):
        resolve(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_commands_within_sentences(document: Path) -> None:
    """`recorder keys create --user NAME`: the command is there, and so are its options."""
    for said in _INLINE.findall(_BLOCK.sub("", document.read_text())):
        words = _OPTIONAL.sub("", said).split()
        if words and re.fullmatch(r"[a-z-]+", words[0]):
            with contextlib.suppress(click.BadOptionUsage):  # of an option the name alone is said
                resolve(words)


def test_mistakes_are_found() -> None:
    for words in (["usage", "--bye", "key"], ["no-such"], ["keys", "make"]):
        with pytest.raises(click.UsageError):
            resolve(words)
