"""The redactor: one for each store, because its key names the secrets."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from recorder.model import ALLOWED, Credential, Finding, Headers, SafeBytes, SafeText
from recorder.redact.allowance import Allow, Allowance
from recorder.redact.assembled import encode_rows
from recorder.redact.beginnings import find_cut_format
from recorder.redact.bundles import Bundle, bundled
from recorder.redact.credentials import split_credential
from recorder.redact.engine import EngineDetector
from recorder.redact.fingerprint import Fingerprinter, placeholder
from recorder.redact.headers import CREDENTIAL_HEADERS, is_allowed, is_credential_header
from recorder.redact.images import hashed
from recorder.redact.joints import is_new_beginning, joints_of
from recorder.redact.known import KnownValues
from recorder.redact.literals import Literals
from recorder.redact.many import Kept
from recorder.redact.members import MEMBER, NUMBER, find_members, find_numbers
from recorder.redact.memory import Memory
from recorder.redact.pipeline import FORMATS, Detector, Pipeline
from recorder.redact.protected import Field, plain_text_in, protected_fields, unprotected, without
from recorder.redact.redacted import Edit, Redacted
from recorder.redact.rules import FORMAT_RULES, RuleSet, own_detectors
from recorder.redact.rules.private_key import PrivateKeyDetector
from recorder.redact.spans import Rank, Span, merge
from recorder.redact.tripwire import Tripwire
from recorder.redact.url import parameter_spans
from recorder.redact.user_rules import UserRule, UserRules
from recorder.redact.view import JOINT

type Images = Literal["store", "hash"]

REDACTED_HEADER = SafeText("[REDACTED:header]")
_MEMBER, _NUMBER = "member", "number"


class Redactor:
    """Takes secrets out of texts.

    `json`, `text`, `bytes_`, `headers`, `url` and `rescan` raise `RedactionError` when a detector fails: the caller
    withholds the content and records that it did. Building one compiles the engine's rules, which takes seconds; with
    `engine_cache_dir` (a directory that only this user may write) they are kept there and it takes a quarter of one;
    `compiled` does the same for our own rules and the user's.
    Not safe for use by several threads at once while `learn` is called.

    `former_keys`: those before `key`, so that a secret is recognised that has another name now (`links`).
    `rules`: the user's own; `allow`: what stays although a detector finds it, told by a finding of the kind `allowed`;
    `images="hash"` puts `[IMAGE sha256:… bytes:…]` for the data of images and documents in a JSON text. Raises
    ValueError when a rule or an entry cannot be used; the message names it. `pause` is called between two steps of the
    work: it may use the redactor, and must not raise.
    """

    def __init__(  # noqa: PLR0913 - the configuration's settings, each by its name
        self,
        key: bytes,
        known: Iterable[Credential] = (),
        *,
        former_keys: Iterable[bytes] = (),
        engine_cache_dir: str | None = None,
        compiled: Kept | None = None,
        rules: Iterable[UserRule] = (),
        allow: Iterable[Allow] = (),
        images: Images = "store",
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._fingerprinter = Fingerprinter(key, former_keys)
        self._allowance = Allowance(allow)
        self._hash_images = images == "hash"
        self._known = KnownValues()
        self._memory = Memory()
        formats = RuleSet(FORMATS, FORMAT_RULES)
        user = UserRules(rules)
        detectors: list[Detector] = [self._known, user, *own_detectors(), EngineDetector(engine_cache_dir)]
        self._pipeline = Pipeline(detectors, {_MEMBER: (MEMBER,), _NUMBER: (NUMBER,)}, pause, compiled)
        self._tripwire = Tripwire(self._known, [user, formats, PrivateKeyDetector()], self._allowance, compiled)
        for credential in known:
            self.learn(credential)

    @property
    def links(self) -> list[tuple[str, str]]:
        """Fingerprints of what was removed, and what they were under `former_keys`: to be noted, and then cleared."""
        return self._fingerprinter.links

    def learn(self, credential: Credential) -> bool:
        """Remove this value from now on wherever it appears, in its usual encodings.

        Gives True when it is new, False when it was known or is too short (`known.SHORTEST_KNOWN_BYTES`).
        """
        value = credential.value.encode("utf-8", "surrogateescape")
        if self._known.has(value):
            return False
        is_new = self._known.add(self._kind_of(credential.kind, value), value)
        if is_new:
            self._memory.forget()
        return is_new

    def holds_known(self, data: bytes) -> bool:
        """Say whether a known value occurs in `data`, as it is or in one of its usual encodings."""
        return self._known.occurs_in(data)

    def left_in(self, *data: bytes) -> tuple[str, ...]:
        """Look once more, quickly, at what is about to be stored: the kinds of the secrets that are still in any."""
        return self._tripwire.find(JOINT.join(data))

    def json(self, data: bytes, *, cut: bool = False) -> Redacted[SafeBytes]:
        """Redact the string literals, keys and values, of a JSON text or of a run of JSON tokens; UTF-8.

        All other bytes stay, so the result has the structure of `data`. `cut`: its strings may have been broken off,
        so that one may end with the beginning of a key.
        """
        fields, literals = protected_fields(data), Literals(data)
        spans = [*self._in_json(literals, fields), *self._as_written(literals)]
        if cut:
            spans += self._beginnings(literals)
        return self._redacted_bytes(data, [*spans, *hashed(data, fields)] if self._hash_images else spans)

    def json_each(self, texts: Iterable[bytes]) -> list[Redacted[SafeBytes]]:
        """Do what `json` does, for each of several JSON texts: quicker where they are many and small."""
        redacted: dict[int, Redacted[SafeBytes]] = {}
        for bundle in bundled(texts):
            numbers, together = zip(*bundle, strict=True)
            redacted |= zip(numbers, self._bundle(list(together)), strict=True)
        return [redacted[number] for number in range(len(redacted))]

    def is_clean(self, data: bytes) -> bool:
        """Say whether `json` would leave a JSON text as it is; to be asked of short ones that come again."""
        text = data.decode("utf-8", "surrogateescape")
        if self._memory.made_of("json", text) is not None:
            return True
        redacted = self.json(data)
        is_clean = not redacted.edits and not redacted.findings
        if is_clean:
            self._memory.remember("json", text, SafeText(text))
        return is_clean

    def text(self, text: str, *, cut: bool = False) -> Redacted[SafeText]:
        """Redact text; the edits count characters. `cut`: it may have been broken off inside a key."""
        if not cut and (clean := self._memory.made_of("text", text)) is not None:
            return Redacted(clean)
        raw = text.encode("utf-8", "surrogatepass")
        safe = self._redacted_bytes(raw, [*self._pipeline.scan(raw), *(self._beginning(raw) if cut else ())])
        value = SafeText(safe.value.decode("utf-8", "surrogatepass"))
        if not cut and not safe.findings and not safe.edits:
            self._memory.remember("text", text, value)
        return Redacted(value, safe.findings, safe.edits if text.isascii() else _in_characters(raw, safe.edits))

    def bytes_(self, data: bytes, *, cut: bool = False) -> Redacted[SafeBytes]:
        """Redact bytes that are text, or mostly so; what is no UTF-8 stays as it is between the findings.

        `cut`: they may have been broken off inside a key.
        """
        return self._redacted_bytes(data, [*self._pipeline.scan(data), *(self._beginning(data) if cut else ())])

    def headers(self, headers: Headers) -> tuple[tuple[str, SafeText], ...]:
        """Keep names and allowed values, scanned; replace credentials by placeholders, all other values by a mark."""
        # Names are ordinary nearly always: one look at all of them.
        suspicious = bool(self.text("\n".join(name for name, _ in headers)).edits)
        return tuple(
            (self.text(name).value if suspicious else name, self._header(name.lower(), value))
            for name, value in headers
        )

    def timing(self, deltas: Iterable[tuple[int, str, int | None, int]]) -> SafeBytes:
        """Return what is known of a stream's events, among it their names, as a JSON array of arrays."""
        rows = list(deltas)
        names = {name: self.text(name).value for name in {name for _, name, _, _ in rows}}
        return encode_rows((at_us, names[name], index, size) for at_us, name, index, size in rows)

    def url(self, path: str) -> SafeText:
        """Redact a path with its query, or a whole URL."""
        if (known := self._memory.made_of("url", path)) is not None:
            return known
        raw = path.encode("utf-8", "surrogatepass")
        spans = [*self._pipeline.scan(raw), *parameter_spans(raw)]
        safe = SafeText(self._redacted_bytes(raw, spans).value.decode("utf-8", "surrogatepass"))
        self._memory.remember("url", path, safe)
        return safe

    def rescan(self, data: SafeBytes) -> tuple[Finding, ...]:
        """Scan what has been redacted and serialised once more: anything found here means that it must be withheld."""
        spans = self._in_json(Literals(data), protected_fields(data), everywhere=True)
        found = self._redacted_bytes(data, spans).findings
        return tuple(finding for finding in found if finding.kind != ALLOWED)

    def _bundle(self, texts: list[bytes]) -> list[Redacted[SafeBytes]]:
        if len(texts) == 1:
            return [self.json(texts[0])]
        suspicious = self._suspicious(Bundle(texts))
        if suspicious is None:
            return [self.json(text) for text in texts]
        return [
            self.json(text) if number in suspicious else Redacted(SafeBytes(text)) for number, text in enumerate(texts)
        ]

    def _suspicious(self, bundle: Bundle) -> set[int] | None:
        """Give the numbers of the texts that have to be looked at by themselves; None for all of them."""
        if not bundle.is_sound or (self._hash_images and any(field.is_bulk for field in bundle.fields)):
            return None
        found = [*self._in_json(bundle.literals, bundle.fields), *self._as_written(bundle.literals)]
        return bundle.touched(found)

    def _in_json(self, literals: Literals, fields: list[Field], *, everywhere: bool = False) -> list[Span]:
        """Find what must go from a JSON text, as spans of the raw text: in its literals, or `everywhere`."""
        view = without(literals, fields)
        text = view.text if view else literals.text
        possible = self._pipeline.possible(text)
        found = self._pipeline.scan_of(text, possible)
        if view:
            found = [span.moved(*view.back(span.start, span.end)) for span in found]
        if _MEMBER in possible:
            found += find_members(literals)
        found += self._across(literals)
        # What only its surroundings give away reaches from one string into another by accident alone.
        surely = (span for span in found if span.rank != Rank.CONTEXT or literals.enclosing(span))
        located = [one for span in surely for one in literals.locate(span) or literals.outside(span, keep=everywhere)]
        if _NUMBER in possible:
            located += find_numbers(literals)
        return unprotected(fields, located) + [one for field in fields for one in self._in_field(literals.raw, field)]

    def _across(self, literals: Literals) -> list[Span]:
        """Find what is split over neighbouring strings, as spans of the literals' buffer."""
        joints = joints_of(literals)
        if joints is None:
            return []
        found: list[Span] = []
        for span in self._pipeline.scan_surely(joints.text):
            pieces = list(joints.across(span))
            if pieces and (span.rank == Rank.KNOWN or not self._ends_before(literals.text, pieces)):
                found += pieces
        return found

    def _ends_before(self, text: bytes, pieces: list[Span]) -> bool:
        """Say whether a secret ends with its first string, and the next one only happens to begin with a word."""
        first, *others = (text[piece.start : piece.end] for piece in pieces)
        alone = any(span.value == first for span in self._pipeline.find_formats(first))
        return alone and is_new_beginning(b"".join(others))

    def _as_written(self, literals: Literals) -> list[Span]:
        """Find known values in the bytes as they stand, where an escape would read their first letter as another."""
        if b"\\" not in literals.raw:
            return []
        return [one for span in self._known.find(literals.raw) for one in literals.widened(span)]

    def _beginning(self, text: bytes) -> list[Span]:
        """Find the beginning of a known value, or of one with a format, at the end of a text that was cut off."""
        return [span for span in (self._known.find_beginning(text), find_cut_format(text)) if span]

    def _beginnings(self, literals: Literals) -> list[Span]:
        found: list[Span] = []
        for literal in literals.all():
            for span in self._beginning(literals.text[literal.at : literal.until]):
                found += literals.locate(span.moved(literal.at + span.start, literal.at + span.end))
        return found

    def _in_field(self, raw: bytes, field: Field) -> Iterator[Span]:
        """Find known values in a protected field, and secrets in plain text among its bytes: then all of it goes."""
        for known in self._known.find(raw[field.start : field.end]):
            yield known.moved(field.start + known.start, field.start + known.end)
        text = plain_text_in(raw, field)
        if text:
            for span in self._pipeline.scan(text):
                yield span.moved(field.start, field.end)

    def _header(self, name: str, value: str) -> SafeText:
        if is_allowed(name):
            return self.text(value).value
        if not is_credential_header(name):
            return REDACTED_HEADER
        kind = f"header {name}"
        if (known := self._memory.made_of(kind, value)) is not None:
            return known
        safe = self._credential(name, value)
        self._memory.remember(kind, value, safe)
        return safe

    def _credential(self, name: str, value: str) -> SafeText:
        first = next(split_credential(CREDENTIAL_HEADERS.get(name, "api-key"), value.strip()))
        return SafeText(self._placeholder(self._kind_of(first.kind, first.value.encode()), first.value.encode()))

    def _kind_of(self, kind: str, value: bytes) -> str:
        """Name a value by its format when it has one, so that it is called the same wherever it is found."""
        whole = (span.kind for span in self._pipeline.find_formats(value) if span.value == value)
        return next(whole, kind)

    def _placeholder(self, kind: str, value: bytes) -> str:
        return placeholder(kind, self._fingerprinter.fingerprint(kind, value))

    def _redacted_bytes(self, raw: bytes, spans: Iterable[Span]) -> Redacted[SafeBytes]:
        counts: Counter[tuple[str, str | None]] = Counter()
        parts, edits, done = [], [], 0
        going, staying = self._allowance.split(list(spans))
        for span in staying:
            counts[ALLOWED, self._fingerprinter.fingerprint(span.kind, span.value)] += 1
        for span in merge(going):
            mark = span.mark
            if not mark:
                fingerprint = self._fingerprinter.fingerprint(span.kind, span.value)
                mark = placeholder(span.kind, fingerprint).encode()
                mark = b'"%s"' % mark if span.bare else mark
                counts[span.kind, fingerprint] += 1
            parts += [raw[done : span.start], mark]
            edits.append(Edit(span.start, span.end, len(mark)))
            done = span.end
        findings = tuple(Finding(kind, fingerprint, count) for (kind, fingerprint), count in counts.items())
        return Redacted(SafeBytes(b"".join([*parts, raw[done:]]) if edits else raw), findings, tuple(edits))


def _in_characters(raw: bytes, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Count characters instead of bytes; placeholders are ASCII."""
    counted, at, characters = [], 0, 0
    for edit in edits:
        start = characters + len(raw[at : edit.start].decode("utf-8", "surrogatepass"))
        characters = start + len(raw[edit.start : edit.end].decode("utf-8", "surrogatepass"))
        at = edit.end
        counted.append(Edit(start, characters, edit.size))
    return tuple(counted)
