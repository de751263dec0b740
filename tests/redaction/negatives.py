"""What must stay: each class of it, made from a seed. `EXACT` are ids and signatures, of which none may be altered."""

# ruff: noqa: E501 -- samples stand on one line, as they are met

import base64
import hashlib
import json
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.redaction.dice import ALNUM, URLSAFE, Dice
from tests.redaction.harmless import CODE, PLACEHOLDERS, TALK
from tests.redaction.pem import armoured
from tests.redaction.surroundings import surrounded

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True)
class Negative:
    """A JSON text that must come out of the redactor byte for byte."""

    name: str
    exact: bool
    given: bytes


type Maker = Callable[[Dice], str]


def _id(*prefixes: str) -> Maker:
    return lambda dice: f"{dice.pick(prefixes)}01{dice.chars(BASE58, 22)}"


def _metadata_user(dice: Dice) -> str:
    return f"user_{dice.hex(64)}_account_{dice.uuid()}_session_{dice.uuid()}"


def _git_log(dice: Dice) -> str:
    return "\n".join(
        f"{dice.hex(dice.pick([7, 40]))} {dice.pick(['Fix', 'Add'])} the {dice.pick(TALK[0].split())}" for _ in range(5)
    )


def _checksums(dice: Dice) -> str:
    size = dice.pick([32, 40, 64, 128])
    return "\n".join(f"{dice.hex(size)}  dist/part-{at}.tar.gz" for at in range(4))


def _npm_lock(dice: Dice) -> str:
    entry = {
        "version": f"{dice.randint(1, 9)}.{dice.randint(0, 30)}.0",
        "resolved": "https://registry.example.com/left-pad/-/left-pad-1.3.0.tgz",
        "integrity": f"sha512-{dice.base64(64)}",
    }
    return json.dumps({"node_modules/left-pad": entry}, indent=2)


def _yarn_lock(dice: Dice) -> str:
    return f'"left-pad@npm:^1.3.0":\n  version: 1.3.0\n  resolution: "left-pad@npm:1.3.0"\n  checksum: 10c0/{dice.hex(128)}\n  languageName: node'


def _pip_hashes(dice: Dice) -> str:
    return "requests==2.32.3 \\\n" + " \\\n".join(f"    --hash=sha256:{dice.hex(64)}" for _ in range(3))


def _uv_lock(dice: Dice) -> str:
    return f'wheels = [\n    {{ url = "https://files.example.com/{dice.hex(2)}/{dice.hex(2)}/{dice.hex(60)}/a-1.0-py3-none-any.whl", hash = "sha256:{dice.hex(64)}", size = 32 }},\n]'


def _go_sum(dice: Dice) -> str:
    return f"golang.org/x/net v0.{dice.randint(1, 40)}.0 h1:{dice.base64(32)}\ngolang.org/x/net v0.1.0/go.mod h1:{dice.base64(32)}"


def _cargo_lock(dice: Dice) -> str:
    return f'[[package]]\nname = "serde"\nversion = "1.0.{dice.randint(1, 200)}"\nsource = "registry+https://example.com/index"\nchecksum = "{dice.hex(64)}"'


def _certificate(dice: Dice) -> str:
    return armoured("CERTIFICATE", bytes.fromhex("308203c13082") + dice.randbytes(900))[0]


def _public_key(dice: Dice) -> str:
    return armoured(
        "PUBLIC KEY", bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00") + dice.randbytes(270)
    )[0]


def _ssh_public(dice: Dice) -> str:
    kind, head, size = dice.pick(
        [
            ("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAI", 33),
            ("ssh-rsa", "AAAAB3NzaC1yc2EAAAADAQABAAABgQ", 390),
            ("ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB", 66),
        ]
    )
    return f"{kind} {head}{dice.base64(size).rstrip('=')} ada@example"


def _known_host(dice: Dice) -> str:
    return f"|1|{dice.base64(20)}|{dice.base64(20)} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{dice.base64(33).rstrip('=')}"


def _key_fingerprint(dice: Dice) -> str:
    return f"256 SHA256:{dice.base64(32).rstrip('=')} ada@example (ED25519)"


def _data_uri(dice: Dice) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(_png(dice)).decode()}" alt="x">'


def _png(dice: Dice) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x06\0\0\0" + dice.randbytes(900)


def _nix(dice: Dice) -> str:
    return f"/nix/store/{dice.chars('0123456789abcdfghijklmnpqrsvwxyz', 32)}-openssl-3.0.14/lib/libssl.so"


def _jwks(dice: Dice) -> str:
    modulus = base64.urlsafe_b64encode(dice.randbytes(256)).decode().rstrip("=")
    return json.dumps(
        {"keys": [{"kty": "RSA", "use": "sig", "kid": dice.uuid(), "alg": "RS256", "n": modulus, "e": "AQAB"}]}
    )


def _integrity_tag(dice: Dice) -> str:
    return f'<script src="https://cdn.example.com/app.{dice.hex(8)}.js" integrity="sha384-{dice.base64(48)}" crossorigin="anonymous"></script>'


# Ids, hashes and signatures: to alter one of these breaks a reference or a replay.
EXACT: dict[str, Maker] = {
    "uuid": lambda dice: f"session {dice.uuid()} resumed from {dice.uuid().upper()}",
    "message-id": _id("msg_", "msg_bdrk_", "msg_vrtx_"),
    "request-id": lambda dice: f'{{"request_id": "req_011{dice.chars(BASE58, 21)}"}}',
    "tool-use-id": _id("toolu_", "srvtoolu_", "toolu_bdrk_"),
    "metadata-user": _metadata_user,
    "git-log": _git_log,
    "git-index": lambda dice: f"index {dice.hex(7)}..{dice.hex(7)} 100644",
    "checksums": _checksums,
    "npm-lock": _npm_lock,
    "yarn-lock": _yarn_lock,
    "pip-hashes": _pip_hashes,
    "uv-lock": _uv_lock,
    "go-sum": _go_sum,
    "cargo-lock": _cargo_lock,
    "image-digest": lambda dice: f"FROM python@sha256:{dice.hex(64)}\nDigest: sha256:{dice.hex(64)}",
    "certificate": _certificate,
    "public-key": _public_key,
    "ssh-public-key": _ssh_public,
    "known-host": _known_host,
    "key-fingerprint": _key_fingerprint,
    "nix-path": _nix,
    "jwks": _jwks,
    "subresource-integrity": _integrity_tag,
    "etag": lambda dice: f'ETag: "{dice.hex(32)}"\nIf-None-Match: W/"{dice.hex(40)}"',
    "arn": lambda dice: (
        f"arn:aws:bedrock:us-east-1:{dice.digits(12)}:application-inference-profile/{dice.chars(ALNUM.lower(), 12)}"
    ),
    "arn-role": lambda dice: f"arn:aws:iam::{dice.digits(12)}:role/service-role/deploy-{dice.hex(8)}",
    "stripe-publishable": lambda dice: (
        f"STRIPE_PUBLISHABLE_KEY=pk_{dice.pick(['live', 'test'])}_51{dice.chars(ALNUM, 97)}"
    ),
    "stripe-object": lambda dice: f"{dice.pick(['cus', 'pi', 'evt', 'price', 'prod'])}_{dice.chars(ALNUM, 24)}",
    "traceparent": lambda dice: f"traceparent: 00-{dice.hex(32)}-{dice.hex(16)}-01",
    "ulid": lambda dice: f"id={dice.chars('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26)}",
    "object-id": lambda dice: f'{{"_id": {{"$oid": "{dice.hex(24)}"}}, "rev": "3-{dice.hex(32)}"}}',
    "slack-id": lambda dice: (
        f"channel C0{dice.chars('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', 9)}, user U0{dice.chars('ABCDEFGHJKL23456789', 9)}"
    ),
    "chunk-name": lambda dice: (
        f"dist/assets/index-{dice.chars(URLSAFE, 8)}.js  {dice.randint(10, 900)}.12 kB\ndist/main.{dice.hex(20)}.css"
    ),
    "model-name": lambda dice: f"us.anthropic.claude-{dice.pick(['haiku', 'sonnet'])}-4-5-20251001-v1:0",
    "billing-header": lambda dice: (
        f"x-anthropic-billing-header: cc_version=2.1.{dice.randint(1, 400)}.{dice.hex(3)}; cc_entrypoint=cli;"
    ),
    "ec2-ids": lambda dice: f"i-0{dice.hex(16)} vpc-0{dice.hex(16)} sg-0{dice.hex(16)} ami-0{dice.hex(16)}",
    "hashes-in-code": lambda dice: (
        f'EXPECTED = "{hashlib.sha256(dice.randbytes(8)).hexdigest()}"\nMD5 = "{dice.hex(32)}"'
    ),
    "github-run": lambda dice: f"https://github.com/acme/app/actions/runs/{dice.digits(11)}/job/{dice.digits(11)}",
}


def _wrapped(dice: Dice) -> str:
    text = " ".join(dice.choices(" ".join(TALK).split(), k=60))
    return dice.pick(
        [
            base64.b64encode(text.encode()).decode(),
            "\n".join(textwrap.wrap(text.encode().hex(), 64)),
            f"q={text.replace(' ', '%20')}",
        ]
    )


# Not ids, but evidence: text that looks like, or speaks of, what it is not.
TEXTS: dict[str, Maker] = {
    "placeholder": lambda dice: dice.pick(PLACEHOLDERS),
    "code": lambda dice: dice.pick(CODE),
    "talk": lambda dice: dice.pick(TALK),
    "data-uri": _data_uri,
    "encoded-text": _wrapped,
    "uuid-names": lambda dice: f"/var/lib/containers/{dice.hex(64)}/merged/{dice.uuid()}.log",
    "numbers": lambda dice: "\n".join(
        f"{dice.random():.17f},{dice.randint(0, 10**12)},{dice.randint(0, 255):#04x}" for _ in range(8)
    ),
    "usage": lambda dice: json.dumps(
        {
            "input_tokens": dice.randint(1, 9999),
            "cache_read_input_tokens": 18000,
            "max_tokens": 32000,
            "token_count": 12,
        }
    ),
    "trace": lambda dice: (
        f'  File "/srv/app/auth/password.py", line {dice.randint(1, 900)}, in check_password\n    raise InvalidToken("token expired")\n<User object at 0x7f{dice.hex(10)}>'
    ),
}


def _block(dice: Dice, kind: str) -> dict[str, object]:
    """Blocks of the Messages API that must be sent back as they came."""
    if kind == "thinking":
        return {
            "type": "thinking",
            "thinking": "Let me see.",
            "signature": "E" + dice.base64(dice.pick([300, 600, 1500]))[1:],
        }
    if kind == "redacted-thinking":
        return {"type": "redacted_thinking", "data": "E" + dice.base64(dice.pick([300, 900]))[1:]}
    data = base64.b64encode(_png(dice)).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


BLOCKS = ("thinking", "redacted-thinking", "image")


def negatives(seed: int, rounds: int) -> Iterator[Negative]:
    """Make every class `rounds` times."""
    for number in range(rounds):
        for exact, makers in ((True, EXACT), (False, TEXTS)):
            for name, make in makers.items():
                dice = Dice(f"{seed}/{number}/{name}")
                text = make(dice)
                text = surrounded(dice, text) if dice.random() < 0.7 else text
                content = [{"type": "text", "text": dice.pick([text, json.dumps({"out": text})])}]
                yield Negative(name, exact, json.dumps({"role": "user", "content": content}).encode())
        for name in BLOCKS:
            block = _block(Dice(f"{seed}/{number}/{name}"), name)
            yield Negative(name, exact=True, given=json.dumps({"role": "assistant", "content": [block]}).encode())
