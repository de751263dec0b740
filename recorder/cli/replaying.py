"""What a replay needs around the server: the client's environment, and what is said of requests that differ."""

import threading
from collections.abc import Mapping

import click

from recorder.again.names import named_alike
from recorder.again.tape import Take
from recorder.cli import bypass
from recorder.cli.providers import PROVIDERS
from recorder.model import Protocol
from recorder.policy.asked import Asked
from recorder.redact import Redactor, find_credentials
from recorder.view.comparison import Difference, compare_bodies
from recorder.view.diff import differences
from recorder.view.figures import times

_OWN = ("metadata",)
"""Members that name the run: they differ always."""
_BILLING = "x-anthropic-billing-header:"
"""Begins a system block that varies from conversation to conversation (the gateway protocol of Claude Code)."""


def client_changes(protocols: set[str], address: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return what to change in the client's environment; an empty value takes a variable out.

    The client's model calls reach the replay alone.
    """
    exceptions = bypass.with_loopback(bypass.no_proxy(env))
    url = f"http://{address}"
    changes = {setup.select: "" for setup in PROVIDERS if setup.select} | {
        "NO_PROXY": exceptions,
        "no_proxy": exceptions,
    }
    changes["ANTHROPIC_BASE_URL"] = url
    if protocols & {Protocol.BEDROCK_INVOKE, Protocol.BEDROCK_CONVERSE}:
        named = {
            "CLAUDE_CODE_USE_BEDROCK": "1",
            "CLAUDE_CODE_SKIP_BEDROCK_AUTH": "1",
            "ANTHROPIC_BEDROCK_BASE_URL": url,
        }
        return changes | named | {"AWS_REGION": env.get("AWS_REGION") or "us-east-1"}
    if Protocol.VERTEX in protocols:
        named = {"CLAUDE_CODE_USE_VERTEX": "1", "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1"}
        named |= {"ANTHROPIC_VERTEX_BASE_URL": f"{url}/v1"}
        return changes | named | {"ANTHROPIC_VERTEX_PROJECT_ID": env.get("ANTHROPIC_VERTEX_PROJECT_ID") or "replay"}
    # A key of the user's stays on this machine; another kind of credential would make it another request.
    has_key = env.get("ANTHROPIC_API_KEY") or env.get("ANTHROPIC_AUTH_TOKEN")
    return changes if has_key else changes | {"ANTHROPIC_AUTH_TOKEN": "replay"}


class Watcher:
    """Compares each request with the recorded one. What it shows is redacted with the store's own key."""

    def __init__(self, redactor: Redactor, *, at_once: bool, imported: bool = False) -> None:
        """`at_once`: said when it is seen; else by `finish`, for a client that has the terminal to itself.

        `imported`: it was recorded elsewhere, where secrets have other names.
        """
        self._redactor = redactor
        self._at_once = at_once
        self._imported = imported
        self._said: list[str] = []
        self._lock = threading.Lock()
        self.answered = 0
        self.differing = 0
        self.missing = 0

    def told(self, take: Take | None, asked: Asked, body: bytes) -> None:
        """Take a model call."""
        if take is None:
            self.missing += 1
            who = f"agent {asked.identity.agent_id}" if asked.identity.agent_id else "the main thread"
            self._say(f"recorder: not on the record: a further call of {who} for {asked.model}; it got an error")
            return
        self.answered += 1
        difference = self._compare(take, asked, body)
        if not difference.is_same:
            self.differing += 1
            self._say(f"recorder: a request differs from the recorded {take.row.id}:\n{_render(difference)}")

    def finish(self, left: int) -> None:
        """Say what was not said yet, and what it came to."""
        for text in self._said:
            click.echo(text, err=True)
        parts = [
            f"{times(self.answered, 'call')} answered",
            f"{self.differing} differed",
            f"{self.missing} not on the record",
        ]
        click.echo(f"recorder: {', '.join(parts)}; {times(left, 'recorded answer')} not asked for", err=True)

    def _compare(self, take: Take, asked: Asked, body: bytes) -> Difference:
        for credential in find_credentials(asked.headers, asked.path):
            self._redactor.learn(credential)
        try:
            safe: bytes = self._redactor.json(body).value
        except ValueError:
            safe = self._redactor.bytes_(body).value
        if self._imported:
            safe = named_alike(safe, take.request)
        return _without_own(compare_bodies(take.request, safe))

    def _say(self, text: str) -> None:
        with self._lock:
            if self._at_once:
                click.echo(text, err=True)
            else:
                self._said.append(text)


def _without_own(difference: Difference) -> Difference:
    parameters = tuple(one for one in difference.parameters if one.path.partition(".")[0] not in _OWN)
    lists = {slot: tuple(run for run in runs if not _is_billing(run.lines)) for slot, runs in difference.lists.items()}
    return Difference(parameters=parameters, lists=lists)


def _is_billing(lines: tuple[str, ...]) -> bool:
    changed = [line[1:] for line in lines if line[:1] in {"+", "-"}]
    return bool(changed) and all(line.startswith(_BILLING) for line in changed)


def _render(difference: Difference) -> str:
    from recorder.cli.printing import make_console  # noqa: PLC0415 -- start-up time

    console = make_console()
    with console.capture() as captured:
        console.print(differences(difference))
    return "\n".join(line.rstrip() for line in captured.get().splitlines() if line.strip())
