"""Redaction: raw text in, text without secrets out. The only room that makes `SafeText` and `SafeBytes`.

A text is looked at in several views (as it is, without colour codes, unescaped, decoded, …). In each view the detectors
look for secrets: values known from this process's traffic, formats of our own rules, a scanning engine's catalogue,
and what stands beside words like "password". What they find is mapped back and replaced. When a detector raises,
`RedactionError` tells the caller to withhold the content.
"""

from recorder.redact.credentials import find_credentials
from recorder.redact.fingerprint import derive_key
from recorder.redact.redacted import Edit, Redacted, RedactionError, map_offset
from recorder.redact.redactor import Redactor

__all__ = [
    "Edit",
    "Redacted",
    "RedactionError",
    "Redactor",
    "derive_key",
    "find_credentials",
    "map_offset",
]
