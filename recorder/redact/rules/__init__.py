"""Our own rules, in the order in which they are asked; one small class a kind, its format's source above it."""

from recorder.redact.rules import (
    assignments,
    authorization,
    cells,
    clouds,
    commands,
    comparisons,
    connections,
    keyed,
    logins,
    markup,
    pairs,
    prefixes,
    providers,
    said,
    services,
    structures,
    talk,
)
from recorder.redact.rules.aws_pair import AwsPairDetector
from recorder.redact.rules.base import Rule, RuleSet
from recorder.redact.rules.kubernetes import KubernetesSecretDetector
from recorder.redact.rules.lists import ListDetector
from recorder.redact.rules.private_key import PrivateKeyDetector
from recorder.redact.rules.vendors import VendorDetector

FORMAT_RULES: tuple[Rule, ...] = (
    *providers.RULES,
    *clouds.RULES,
    *services.RULES,
    *prefixes.RULES,
    *structures.FORMAT_RULES,
)
"""Values that have a published format of their own."""


def own_detectors() -> tuple[
    RuleSet | PrivateKeyDetector | AwsPairDetector | KubernetesSecretDetector | ListDetector | VendorDetector, ...
]:
    """Compile our rules. Rules whose matches may hide each other's are in sets of their own."""
    return (
        RuleSet("formats", FORMAT_RULES),
        PrivateKeyDetector(),
        RuleSet("aws-secret-key", clouds.PAIRED_RULES),
        AwsPairDetector(),
        KubernetesSecretDetector(),
        ListDetector(),
        RuleSet("authorization", (*authorization.RULES, *connections.RULES, *structures.RULES)),
        RuleSet("assignments", (*assignments.RULES, *pairs.RULES, *comparisons.RULES, *markup.RULES, *cells.RULES)),
        RuleSet("talk", (*talk.RULES, *said.RULES, *commands.RULES, *logins.RULES)),
        RuleSet("keyed", keyed.RULES),
        VendorDetector(),
    )


__all__ = ["FORMAT_RULES", "Rule", "RuleSet", "own_detectors"]
