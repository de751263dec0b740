"""A whole routing configuration, and its decision about a request."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from recorder.model import Family
from recorder.policy.asked import Asked
from recorder.policy.labels import LabelSources, parse_label_sources
from recorder.policy.mapping import map_model
from recorder.policy.path import path_at, with_model
from recorder.policy.rule import Rule, When, parse_rules
from recorder.policy.tables import PolicyError, nearest
from recorder.policy.translation import Translation, translate_to
from recorder.policy.upstream import Upstream, authority, parse_upstreams
from recorder.translate.place import UntranslatableError

TABLES = ("upstream", "route", "labels")
"""The tables of a configuration file that make a policy."""

USE = "recorder route use"
"""What stands for a rule's name where the user has switched by hand."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What was configured; without anything, no request is touched."""

    upstreams: dict[str, Upstream] = {}
    rules: tuple[Rule, ...] = ()
    labels: LabelSources | None = None
    """None: requests are not searched for labels."""
    use: str | None = None
    """The upstream that `recorder route use` named: before all rules."""
    digest: str = ""
    """SHA-256 of what was configured, hex: two policies with the same one are the same. No secret is in it."""

    @property
    def is_active(self) -> bool:
        """Whether it may touch a request at all."""
        return bool(self.rules or self.use or self.labels)

    @property
    def reads_body(self) -> bool:
        """Whether a request's body is needed for a decision."""
        reached = [self.upstreams[name] for rule in _rules(self) for name in rule.to]
        named = any(upstream.model or upstream.protocol for upstream in reached)
        return named or any(rule.model or rule.reads_body for rule in self.rules)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request goes."""

    rule: str
    upstream: Upstream
    path: str
    """With query."""
    model: str | None = None
    """The model's name there; None: as the client calls it."""
    in_path: bool = False
    """The model stands in the path, where it has been replaced already; else the body has to be changed."""
    refusal: str | None = None
    """Why the request cannot go there."""
    translation: Translation | None = None
    """How it gets into the upstream's protocol; None: it is in it already."""

    @property
    def url(self) -> str:
        """The whole URL."""
        upstream = self.upstream
        return f"{upstream.scheme}://{authority(*upstream.origin)}{self.path}"


def parse_policy(tables: Mapping[str, Any], use: str | None = None) -> Policy:
    """Make a policy of the tables of a configuration file (those of `TABLES`). Raises PolicyError."""
    upstreams = parse_upstreams(tables.get("upstream", {}))
    rules = parse_rules(tables.get("route", []), upstreams)
    if use is not None and use not in upstreams:
        raise PolicyError(("upstream",), f"`{USE}` chose {use!r}, which is not there; {nearest(use, upstreams)}")
    is_wanted = bool(rules) or use is not None or "labels" in tables
    labels = parse_label_sources(tables.get("labels", {})) if is_wanted else None
    canonical = json.dumps([{name: tables.get(name) for name in TABLES}, use], default=str)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return Policy(upstreams=upstreams, rules=rules, labels=labels, use=use, digest=digest)


def obstacles(policy: Policy, asked: Asked) -> Iterator[tuple[Rule, str | None]]:
    """Give the rules up to the one that fires, each with why it does not; None for the one that does."""
    for rule in _rules(policy):
        if rule.name == USE:
            obstacle = decision(rule, policy.upstreams[rule.to[0]], asked).refusal
        else:
            obstacle = rule.when.obstacle(asked)
        yield rule, obstacle
        if obstacle is None:
            return


def fired(policy: Policy, asked: Asked) -> Rule | None:
    """Return the rule that says where the request goes; None: it goes where it would go without us."""
    return next((rule for rule, obstacle in obstacles(policy, asked) if obstacle is None), None)


def decisions(policy: Policy, rule: Rule, asked: Asked, lot: str = "") -> list[Decision]:
    """Return what would become of a request at the upstreams of a rule, best first; `lot` is something random.

    Upstreams that cannot take it, as their protocol has no such call, are not among them unless none can.
    """
    found = [decision(rule, policy.upstreams[name], asked) for name in rule.ranked(asked, lot)]
    return [one for one in found if one.refusal is None] or found


def decide(policy: Policy, asked: Asked, lot: str = "") -> Decision | None:
    """Return where the request goes while all upstreams are well; `lot` is something random."""
    rule = fired(policy, asked)
    return decisions(policy, rule, asked, lot)[0] if rule else None


def changes(old: Policy, new: Policy) -> list[str]:
    """Name what is different between two policies."""
    upstreams = [f"upstream {name}" for name in _differing(old.upstreams, new.upstreams)]
    routes = _differing({rule.name: rule for rule in old.rules}, {rule.name: rule for rule in new.rules})
    kept = [name for name in (rule.name for rule in new.rules) if name not in routes]
    moved = kept != [rule.name for rule in old.rules if rule.name not in routes]
    return [
        *upstreams,
        *routes,
        *(["order of routes"] if moved else []),
        *(["labels"] if old.labels != new.labels else []),
        *([f"use {new.use or '--default'}"] if old.use != new.use else []),
    ]


def _rules(policy: Policy) -> Iterator[Rule]:
    if policy.use is not None:
        yield Rule(name=USE, when=When(), to=(policy.use,))
    yield from policy.rules


def decision(rule: Rule, upstream: Upstream, asked: Asked) -> Decision:
    """Return what becomes of a request that a rule sends to one of its upstreams."""
    if upstream.protocol and asked.family and upstream.protocol is not asked.family:
        return _translated(rule, upstream, upstream.protocol, asked)
    refusal = None
    path = path_at(asked, upstream.path, rule.when.path)
    model = map_model(asked.model, rule.model, upstream.model)
    in_path = model is not None and asked.call.model is not None
    if model is not None and in_path:
        try:
            path = with_model(path, asked.family, model)
        except ValueError as error:
            refusal = f"{rule.name} maps its model, but {error}"
    return Decision(
        rule=rule.name, upstream=upstream, path=path + asked.query, model=model, in_path=in_path, refusal=refusal
    )


def _translated(rule: Rule, upstream: Upstream, protocol: Family, asked: Asked) -> Decision:
    try:
        found = translate_to(protocol, upstream.path, upstream.dialect, asked, (rule.model, upstream.model))
    except UntranslatableError as error:
        refusal = f"{rule.name} sends it to {upstream.name}, which speaks {protocol}, not {asked.family}: {error}"
        return Decision(rule=rule.name, upstream=upstream, path=asked.path + asked.query, refusal=refusal)
    model = None if found.model == asked.model else found.model
    return Decision(rule=rule.name, upstream=upstream, path=found.path, model=model, in_path=True, translation=found)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
