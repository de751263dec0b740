import base64
import json
import random
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recorder.model import Credential, SafeBytes
from recorder.redact import RedactionError, Redactor, map_offset
from recorder.redact.spans import Span
from tests.redact.samples import FORMATS, leaks, make
from tests.support.redactors import fresh

KEY = make("anthropic-api-key")
SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

WORDS = st.lists(
    st.sampled_from(
        [
            "the",
            "file",
            "src/main.py",
            "is",
            "read",
            "\n",
            '"quoted"',
            "\\",
            "é",
            "12→",
            "{",
            "}",
            "'",
            "😀",
            "\u2028",
            "token",
            "=",
        ]
    ),
    max_size=12,
).map(" ".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
PLAIN = lambda secret: secret  # noqa: E731 - a table of one-liners
WAYS = {
    "plain": PLAIN,
    "numbered": lambda secret: "\n".join(f"{n:6}→{line}" for n, line in enumerate(secret.splitlines(), 1)),
    "crlf": lambda secret: secret.replace("\n", "\r\n") + "\r\n",
    "diff": lambda secret: "\n".join("+" + line for line in secret.splitlines()),
    "ansi": lambda secret: f"\x1b[32m{secret}\x1b[0m",
    "json in json": lambda secret: json.dumps({"out": secret}),
    "json in json in json": lambda secret: json.dumps({"o": json.dumps({"out": secret})}),
    "percent": lambda secret: quote(secret, safe=""),
    "backslash u": lambda secret: "".join(f"\\u{ord(char):04x}" for char in secret),
    "entities": lambda secret: "".join(f"&#{ord(char)};" for char in secret),
    "base64": lambda secret: base64.b64encode(f"some text: {secret}\n".encode()).decode(),
    "wrapped base64": lambda secret: base64.encodebytes(
        f"some text to make it long: {secret} and more\n".encode()
    ).decode(),
    "hex": lambda secret: secret.encode().hex(),
    "zero width": lambda secret: secret[:12] + "\u200b" + secret[12:],
    "full width": lambda secret: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in secret),
    "nul": lambda secret: f"\x00\x00{secret}\x00",
    "allow comment": lambda secret: f"{secret} # gitleaks:allow",
    "png": lambda secret: f"\x89PNG\r\n\x1a\n\x00{secret}",
}


def shape(value: object) -> object:
    """The structure of a JSON value: everything but its strings."""
    if isinstance(value, dict):
        return [shape(one) for one in value.values()]
    if isinstance(value, list):
        return [shape(one) for one in value]
    return str if isinstance(value, str) else value


def planted(value: object, rng: random.Random, secret: str) -> object:
    """The same JSON value with the secret in a string or a key of it."""
    if isinstance(value, dict) and value:
        chosen = rng.choice(list(value))
        if rng.random() < 0.3:
            return {(f"{key} {secret}" if key == chosen else key): one for key, one in value.items()}
        return {key: planted(one, rng, secret) if key == chosen else one for key, one in value.items()}
    if isinstance(value, list) and value:
        chosen_at = rng.randrange(len(value))
        return [planted(one, rng, secret) if at == chosen_at else one for at, one in enumerate(value)]
    return f"{value if isinstance(value, str) else ''} {secret} end"


@SLOW
@given(JSON, st.booleans(), st.sampled_from([None, 2]))
def test_json_without_secrets_is_untouched(
    shared: Redactor, value: object, ascii_only: bool, indent: int | None
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    redacted = shared.json(raw)
    assert redacted.value == raw
    assert redacted.findings == ()
    assert redacted.edits == ()


@SLOW
@example({"token": "src/main.py"}, "anthropic-admin-key", 0, False)
@given(JSON, st.sampled_from(sorted(FORMATS)), st.integers(0, 10**6), st.booleans())
def test_planted_secrets_go_and_the_structure_stays(
    shared: Redactor, value: object, kind: str, seed: int, ascii_only: bool
) -> None:
    secret = make(kind, seed)
    raw = json.dumps(planted(value, random.Random(seed), secret), ensure_ascii=ascii_only).encode()
    redacted = shared.json(raw)
    output = redacted.value.decode()
    assert not leaks(secret, output)
    assert not leaks(secret, json.dumps(json.loads(output), ensure_ascii=False))
    assert shape(json.loads(output)) == shape(json.loads(raw))
    assert kind in {finding.kind for finding in redacted.findings}
    assert shared.json(redacted.value).value == redacted.value
    assert shared.rescan(redacted.value) == ()


@SLOW
@given(JSON, st.integers(0, 10**6))
def test_edits_map_what_stayed(shared: Redactor, value: object, seed: int) -> None:
    raw = json.dumps([planted(value, random.Random(seed), KEY), planted(value, random.Random(seed + 1), KEY)]).encode()
    redacted = shared.json(raw)
    inside = {at for edit in redacted.edits for at in range(edit.start, edit.end)}
    for offset in range(len(raw)):
        if offset not in inside:
            assert redacted.value[map_offset(redacted.edits, offset)] == raw[offset]
    assert map_offset(redacted.edits, len(raw)) == len(redacted.value)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_goes_in_every_way(shared: Redactor, kind: str, way: str) -> None:
    secret = make(kind)
    arrived = WAYS[way](secret)
    raw = json.dumps({"content": f"Output:\n{arrived}\nmore text"}, ensure_ascii=False).encode()
    redacted = shared.json(raw)
    text = json.loads(redacted.value)["content"]
    assert arrived not in text
    assert not leaks(secret, text.replace("\u200b", ""))
    assert kind in {finding.kind for finding in redacted.findings}
    # Decoding what is left brings nothing back.
    encoded_lines = [line for line in arrived.splitlines() if len(line) > 24 and not line.startswith("-----")]
    assert not any(line in text for line in encoded_lines)


@pytest.mark.parametrize(
    "spelling", [json.dumps(KEY)[1:-1], "".join(f"\\u{ord(c):04x}" for c in KEY), KEY[:20] + "\\u002d" + KEY[20:]]
)
def test_secrets_written_with_escapes_in_the_json_itself(shared: Redactor, spelling: str) -> None:
    raw = f'{{"a":"x\\n{spelling}\\ty"}}'.encode()
    output = shared.json(raw).value
    assert output.startswith(b'{"a":"x\\n[REDACTED:anthropic-')
    assert output.endswith(b']\\ty"}')
    json.loads(output)


def test_a_run_of_tokens_and_a_text_that_was_cut_are_redacted_too(shared: Redactor) -> None:
    placeholder = shared.text(KEY).value
    assert shared.json(f'"{KEY}",{{"a":1}}, "b"'.encode()).value == f'"{placeholder}",{{"a":1}}, "b"'.encode()
    assert shared.json(f'{{"a": "{KEY}'.encode()).value == f'{{"a": "{placeholder}'.encode()


def test_many_secrets_in_one_string_are_mapped_one_by_one(shared: Redactor) -> None:
    secrets = [make("github-pat", seed) for seed in range(50)]
    raw = json.dumps("\n".join(f'"{secret}"' for secret in secrets)).encode()
    output = json.loads(shared.json(raw).value)
    assert len(set(output.splitlines())) == 50
    assert all(line.startswith('"[REDACTED:github-pat:') and line.endswith(']"') for line in output.splitlines())


def test_text_counts_edits_in_characters(shared: Redactor) -> None:
    text = f"é😀 {KEY} ü {KEY} ß"
    redacted = shared.text(text)
    placeholder = redacted.value.split()[1]
    assert redacted.value == f"é😀 {placeholder} ü {placeholder} ß"
    assert redacted.value[map_offset(redacted.edits, len(text) - 1)] == "ß"
    assert [(finding.kind, finding.count) for finding in redacted.findings] == [("anthropic-api-key", 2)]


@given(st.text(st.characters(codec=None)))
def test_any_text_can_be_redacted(shared: Redactor, text: str) -> None:
    shared.text(text)


@given(st.binary())
def test_any_bytes_can_be_redacted_as_anything(shared: Redactor, data: bytes) -> None:
    shared.bytes_(data)
    shared.json(data)


def test_invalid_utf8_stays_around_a_secret(shared: Redactor) -> None:
    redacted = shared.bytes_(b"\xff\xfe " + KEY.encode() + b" \xc3")
    assert redacted.value.startswith(b"\xff\xfe [REDACTED:anthropic-api-key:")
    assert redacted.value.endswith(b"] \xc3")


def test_the_same_secret_has_the_same_placeholder_everywhere(shared: Redactor) -> None:
    plain = shared.text(KEY).findings[0].fingerprint
    assert plain is not None
    assert shared.text(f"API_KEY={KEY}").findings[0].fingerprint == plain
    assert shared.text(base64.b64encode(f"the key: {KEY}\n".encode()).decode()).findings[0].fingerprint == plain
    assert fresh(key=b"x" * 32).text(KEY).findings[0].fingerprint != plain


def test_learned_values_go_wherever_they_appear(redactor: Redactor) -> None:
    value = "an-opaque" + "/value+without form"
    raw = json.dumps(
        {"a": value, "b": quote(value), "c": base64.b64encode(f"u:{value}".encode()).decode(), value: 1}
    ).encode()
    assert redactor.json(raw).value == raw
    assert not redactor.holds_known(raw)
    assert redactor.learn(Credential("api-key", value))
    assert not redactor.learn(Credential("api-key", value))
    assert redactor.holds_known(raw)
    output = redactor.json(raw).value
    assert output.count(b"[REDACTED:api-key:") == 4
    assert not redactor.holds_known(output)


def test_a_learned_value_with_a_format_is_called_by_it(redactor: Redactor) -> None:
    redactor.learn(Credential("api-key", KEY))
    assert redactor.text(KEY).value == fresh().text(KEY).value


def test_rescan_is_a_tripwire(shared: Redactor, redactor: Redactor) -> None:
    assert [finding.kind for finding in shared.rescan(SafeBytes(KEY.encode()))] == ["anthropic-api-key"]
    assert [finding.kind for finding in shared.rescan(SafeBytes(f'{{"a":"{KEY}"}}'.encode()))] == ["anthropic-api-key"]
    clean = shared.json(f'{{"password":"Tr0ub4dor!x9","b":"{KEY}"}}'.encode()).value
    assert shared.rescan(clean) == ()


def test_a_failing_detector_lets_nothing_through(redactor: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, text: bytes) -> list[Span]:
        raise RuntimeError(text)

    monkeypatch.setattr("recorder.redact.engine.EngineDetector.find", fail)
    for call in (redactor.json, redactor.bytes_):
        with pytest.raises(RedactionError, match="engine"):
            call(b'"x"')
    with pytest.raises(RedactionError):
        redactor.text("x")
    with pytest.raises(RedactionError):
        redactor.url("/x")
    with pytest.raises(RedactionError):
        redactor.headers((("user-agent", "x"),))


STAYS = [
    "550e8400-e29b-41d4-a716-446655440000",
    "toolu_01A09q90qw90lq917835lq9 msg_01XFDUDYJgAACzvnptvVoYEL req_011CSHoEeqs5C35K2UUqR7Fy",
    "commit 2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    '"integrity": "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg=="',
    "requests==2.32.3 --hash=sha256:55365417734eb18255590a9ff9eb97e9e1da868d4ccd6402399eaf68af20a760",
    "golang.org/x/net v0.1.0 h1:hZ/3BUoy5aId7sCpA/Tc5lt8DkFgdVS2onTpJsZ/fl0=",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@example",
    "-----BEGIN CERTIFICATE-----\n"
    + base64.encodebytes(random.Random(1).randbytes(400)).decode()
    + "-----END CERTIFICATE-----",
    "pk_live_" + "51H8xYzQkLmNoPqRsTuVwXyZ",
    'ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh",
    "image@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1",
    "your-api-key-here ${DB_PASSWORD} sk-ant-...",
    'max_tokens=4096; def reset_password(password: str): os.environ["GITHUB_TOKEN"]',
    "user_abc123def456_account_550e8400-e29b-41d4-a716-446655440000_session_550e8400-e29b-41d4-a716-446655440001",
    "claude-haiku-4-5-20251001 us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "x-anthropic-billing-header: cc_version=2.1.330.a1b; cc_entrypoint=cli;",
    "/nix/store/0c8w2r1p9y5k3m7z4x6v8b1n2q4s6d8f-openssl-3.0.14/lib/libssl.so",
    "https://example.org/a/b?page=2&sort=desc#section-3",
]


@pytest.mark.parametrize("text", STAYS)
def test_what_must_stay_stays(shared: Redactor, text: str) -> None:
    assert shared.text(text).value == text
    raw = json.dumps({"content": text, "nested": json.dumps({"out": text})}).encode()
    assert shared.json(raw).value == raw


@pytest.mark.parametrize("letter", "tnrbfu/")
def test_a_known_value_behind_a_backslash_goes_as_it_is_written(letter: str) -> None:
    # `\t` reads as a tab: what is read holds no secret, and what is stored would.
    value = f"{letter}0041" + "-Qx7vLm2PzR9dKw4"
    redactor = fresh()
    redactor.learn(Credential("known", value))
    for data in (f'{{"a":"x \\{value} y"}}', f'{{"a":"\\\\\\{value}"}}', f'{{"a":"broken \\{value}'):
        stored = redactor.json(data.encode()).value.decode()
        assert value[-8:] not in stored
        if not data.startswith('{"a":"broken'):
            assert json.loads(stored)


@pytest.mark.parametrize("size", [8, 12, 20])
def test_a_text_that_broke_off_inside_a_known_value(size: int) -> None:
    value = "known-Qx7vLm2PzR9dKw4"
    redactor = fresh()
    redactor.learn(Credential("known", value))
    data = json.dumps({"text": f"so it is {value[:size]}", "partial_json": json.dumps({"k": f"\n{value[:size]}"})[:-2]})
    stored = json.loads(redactor.json(data.encode(), cut=True).value)
    assert stored["text"].startswith("so it is [REDACTED:known:")
    assert value[:size] not in json.dumps(stored)
    assert value[:size] in redactor.json(data.encode()).value.decode()  # of a whole answer nothing is guessed
    assert redactor.text(f"so it is {value[:size]}", cut=True).value.startswith("so it is [REDACTED:known:")


def test_every_item_of_a_list_under_a_telling_name_goes(shared: Redactor) -> None:
    one, other = "Tr0ub4dor" + "!x9", "velvet-37" + "-coral!"
    data = json.dumps({"a": {"password": [one, other], "names": ["ada", "grace"]}}).encode()
    safe = shared.json(data).value
    assert one.encode() not in safe
    assert other.encode() not in safe
    assert json.loads(safe)["a"]["names"] == ["ada", "grace"]
