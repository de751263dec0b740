"""What would become of a request: for `recorder route test`. Nothing is sent, no secret is read."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from recorder.errors import ConfigError
from recorder.model import Headers, Labels
from recorder.policy.asked import Asked, ask
from recorder.policy.labels import LabelSources, take_labels
from recorder.policy.policy import Decision, Policy, decisions, fired, obstacles
from recorder.translate.place import UntranslatableError
from recorder.translate.request import Sent

_GIVEN_HEADERS = {
    "session": "x-claude-code-session-id",
    "agent": "x-claude-code-agent-id",
    "request_class": "x-claude-code-request-class",
}


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that were looked at, and what came of it."""

    tried: tuple[tuple[str, str | None], ...]
    """Rules by name with why they do not fire; None: it does."""
    decision: Decision | None
    asked: Asked
    sent: Sent | None = None
    """What a translation makes of it; None: it needs none, or cannot be translated."""
    untranslatable: str | None = None
    passed: tuple[tuple[str, str], ...] = ()
    """Upstreams before that one into whose protocol it cannot be put, with why."""

    @property
    def is_sent(self) -> bool:
        """Whether a rule sends it somewhere."""
        return self.decision is not None and self._refusal is None

    @property
    def _refusal(self) -> str | None:
        return self.untranslatable or (self.decision.refusal if self.decision else None)

    def lines(self) -> Iterator[str]:
        """Say it to a person."""
        for name, obstacle in self.tried:
            yield f"{name}: {'fires' if obstacle is None else f'does not fire, {obstacle}'}"
        yield from (f"{name}: passed over, {why}" for name, why in self.passed)
        decision = self.decision
        if decision is None:
            yield f"→ where it would go without the recorder, as {self.asked.path}{self.asked.query}"
        elif self._refusal:
            yield f"→ refused: {self._refusal}"
        else:
            yield f"→ {decision.upstream.name}: {self.asked.method} {decision.url}"
            if decision.model:
                yield f"  model: {decision.model} (asked for: {self.asked.model})"
            if decision.translation:
                exchange = decision.translation.exchange
                yield f"  translated: {exchange.client} → {exchange.provider}"
            yield from (f"  left out: {one.what}, {one.why}" for one in (self.sent.dropped if self.sent else ()))
            yield from (f"  header {name}: {value}" for name, value in self._headers(decision).items())

    def as_json(self) -> dict[str, Any]:
        """Say it to a program."""
        decision = self.decision
        return {
            "rules": [{"name": name, "fires": obstacle is None, "obstacle": obstacle} for name, obstacle in self.tried],
            "passed_over": [{"upstream": name, "why": why} for name, why in self.passed],
            "upstream": decision.upstream.name if decision else None,
            "url": decision.url if decision else None,
            "model": (decision.model or self.asked.model) if decision else self.asked.model,
            "headers": self._headers(decision) if decision else {},
            "labels": msgspec.structs.asdict(self.asked.labels),
            "translated_to": decision.translation.exchange.provider if decision and decision.translation else None,
            "left_out": msgspec.to_builtins(self.sent.dropped) if self.sent else [],
            "refusal": self._refusal,
        }

    def _headers(self, decision: Decision) -> dict[str, str]:
        auth = decision.upstream.auth
        signed = dict.fromkeys(auth.headers, f"(from {auth})") if auth else {}
        translated = self.sent.headers if self.sent else ()
        given = (*signed.items(), *translated, *decision.upstream.headers)
        return {name: "(taken out)" if value is None else str(value) for name, value in given}


def dry_run(policy: Policy, labels: Mapping[str, str | None], given: Mapping[str, Any]) -> DryRun:
    """Try a request; `given`: what the command line says about it. Raises ConfigError for a header that is none."""
    headers = (*map(_parse_header, given["headers"]), *_named(given))
    body = _body(given)
    sources = policy.labels or LabelSources(path=None, headers=False)
    labelled, target = take_labels(sources, given["path"], headers, Labels(**labels))
    asked = ask(given["method"], target, headers, body, labelled)
    tried = tuple((rule.name, obstacle) for rule, obstacle in obstacles(policy, asked))
    rule = fired(policy, asked)
    found = DryRun(tried=tried, decision=None, asked=asked)
    passed: list[tuple[str, str]] = []
    for decision in decisions(policy, rule, asked) if rule else ():
        found = msgspec.structs.replace(found, decision=decision, passed=tuple(passed), untranslatable=None)
        if decision.translation is None:
            return found
        try:
            return msgspec.structs.replace(found, sent=decision.translation.send(headers, body or b"{}"))
        except UntranslatableError as error:
            found = msgspec.structs.replace(found, untranslatable=str(error))
            passed.append((decision.upstream.name, str(error)))
    return found


def _body(given: Mapping[str, Any]) -> bytes:
    if given["body"]:
        content: bytes = given["body"].read_bytes()
        return content
    said = {"model": given["model"], "stream": given["stream"] or None}
    known = {name: value for name, value in said.items() if value}
    return msgspec.json.encode(known) if known else b""


def _named(given: Mapping[str, Any]) -> Headers:
    return tuple((header, given[name]) for name, header in _GIVEN_HEADERS.items() if given[name])


def _parse_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (colon and name.strip()):
        raise ConfigError(f"--header {name.strip()!r}: give NAME:VALUE")
    return name.strip(), value.strip()
