"""Redaction: raw text in, text without secrets out. The only room that makes `SafeText` and `SafeBytes`.

A text is looked at in several views (as it is, without colour codes, unescaped, decoded, …). In each view the detectors
look for secrets: values known from this process's traffic, formats of our own rules, a scanning engine's catalogue,
and what stands beside words like "password". What they find is mapped back and replaced. When a detector raises,
`RedactionError` tells the caller to withhold the content.

What the configuration can say goes to the constructor:

    Redactor(
        key,
        known=[Credential("db-password", value)],            # [redact] known, already resolved
        rules=[UserRule("acme-token", r"acme_[a-z0-9]{20}", ("acme",))],     # [[redact.rule]], google-re2 syntax
        allow=[Allow(exact="sk-demo-key-123456"), Allow(pattern=r"test_.*")],  # [redact] allow
        images="hash",                                       # [redact] images = "store" | "hash"
    )

A rule or an entry that cannot be used raises ValueError, whose message names it. Each use of an `allow` entry is a
`Finding` of the kind `allowed` (`ALLOWED`), with the fingerprint of what stayed.
"""

from recorder.model import ALLOWED
from recorder.redact.allowance import Allow, check_rules
from recorder.redact.assembled import Safe, encode_members, stored_bytes, stored_text, stretches_of
from recorder.redact.credentials import find_credentials, is_worth_learning
from recorder.redact.engine import load_ahead
from recorder.redact.fingerprint import derive_key
from recorder.redact.known import SHORTEST_KNOWN_BYTES
from recorder.redact.many import Kept
from recorder.redact.places import places
from recorder.redact.redacted import Edit, Redacted, RedactionError, map_offset
from recorder.redact.redactor import Images, Redactor
from recorder.redact.unscanned import plain, plain_headers, plain_identity, plain_label, plain_path
from recorder.redact.user_rules import UserRule

__all__ = [
    "ALLOWED",
    "SHORTEST_KNOWN_BYTES",
    "Allow",
    "Edit",
    "Images",
    "Kept",
    "Redacted",
    "RedactionError",
    "Redactor",
    "Safe",
    "UserRule",
    "check_rules",
    "derive_key",
    "encode_members",
    "find_credentials",
    "is_worth_learning",
    "load_ahead",
    "map_offset",
    "places",
    "plain",
    "plain_headers",
    "plain_identity",
    "plain_label",
    "plain_path",
    "stored_bytes",
    "stored_text",
    "stretches_of",
]
