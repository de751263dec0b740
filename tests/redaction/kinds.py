"""What a kind of secret is for the corpus: how one is made, and the texts in which one is met."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.redaction.dice import Dice


@dataclass(frozen=True)
class Secret:
    """One made-up secret.

    `values` go into a template's <0>, <1>, …; of `fragments`, each a run of text, nothing may be left (8 characters).
    """

    values: tuple[str, ...]
    fragments: tuple[str, ...]


def secret(*values: str, fragments: tuple[str, ...] | None = None) -> Secret:
    return Secret(values, values if fragments is None else fragments)


@dataclass(frozen=True)
class Kind:
    """A kind of REDACTION's list. `shaped`: one is known for what it is without anything around it."""

    name: str
    make: Callable[[Dice], Secret]
    templates: tuple[str, ...]
    shaped: bool = True


# Where a token that has a shape of its own is met. `<0>` is the token.
TOKEN_TEMPLATES = (
    "<NAME>=<0>",
    'export <NAME>="<0>"',
    "<name>: <0>",
    '  "<name>": "<0>",',
    "<name> = '<0>'",
    'const client = new Client({ <name>: "<0>", timeout: <n> });',
    "curl -sS -H 'Authorization: Bearer <0>' https://api.example.com/v1/items",
    "2026-03-0<n> 11:02:17 WARN  <app>[<n>]: request with token <0> was refused (403)",
    "I think the key is <0> but it gives 401, can you check?",
    "<user>@<app>:~$ echo <0> | pbcopy",
    "docker run --rm -e <NAME>=<0> example/<app>:latest",
    "    headers = {'x-api-key': '<0>'}",
    "<0>",
)


def token(name: str, make: Callable[[Dice], str], variable: str, *extra: str, common: bool = True) -> Kind:
    """A kind whose secret is one token with a shape of its own, usually kept in `variable`.

    Not `common`: only the texts in `extra` show what it is.
    """
    templates = (*(TOKEN_TEMPLATES if common else ()), *extra)
    named = tuple(text.replace("<NAME>", variable).replace("<name>", variable.lower()) for text in templates)
    return Kind(name, lambda dice: secret(make(dice)), named, common)


def in_context(name: str, make: Callable[[Dice], Secret], *templates: str) -> Kind:
    """A kind that only its surroundings give away."""
    return Kind(name, make, templates, shaped=False)
