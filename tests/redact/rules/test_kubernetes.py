import base64

import pytest

from recorder.redact.rules import kubernetes
from recorder.redact.rules.kubernetes import KubernetesSecretDetector

ENCODED = base64.b64encode(b"velvet coral").decode()
OTHER = base64.b64encode(b'{"auths":{}}  and more').decode()
HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: coral\n"


def values(text: str) -> list[str]:
    return [span.value.decode() for span in KubernetesSecretDetector().find(text.encode())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{HEAD}data:\n  # a note\n  extra: {ENCODED}\n  more: '{OTHER}'\ntype: Opaque\n", [ENCODED, OTHER]),
        (f"apiVersion: v1\ndata:\n  extra: {ENCODED}\nkind: Secret\nmetadata:\n  name: coral\n", [ENCODED]),
        (f"{HEAD}data:\n  .dockercfg: >\n    {OTHER}\nmetadata: x\n", [OTHER]),
        (f"{HEAD}stringData:\n  motto: velvet-coral-37\n", ["velvet-coral-37"]),
        (f'{{"kind": "Secret", "data": {{"extra": "{ENCODED}"}}}}', [ENCODED]),
        ("\n".join(f"+{line}" for line in f"{HEAD}data:\n  extra: {ENCODED}".split("\n")), [ENCODED]),
    ],
)
def test_flags_every_value(text: str, expected: list[str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"kind: ConfigMap\ndata:\n  extra: {ENCODED}\n",
        f"kind: ConfigMap\ndata:\n  extra: {ENCODED}\n---\nkind: Secret\nmetadata:\n  name: coral\n",
        f"kind: SecretStore\ndata:\n  extra: {ENCODED}\n",
        f"{HEAD}data:\n  extra: {{{{ .Values.extra }}}}\n",
        f"{HEAD}data:\n  extra: ${{EXTRA}}\n",
    ],
)
def test_leaves_other_kinds_and_references(text: str) -> None:
    assert values(text) == []


def test_many_manifests_in_one_text_are_each_read_once() -> None:
    text = "\n---\n".join(f"{HEAD}data:\n  extra: {ENCODED}" for _ in range(300))
    assert len(values(text)) == 300


def test_heads_without_a_body_cost_what_their_length_does(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(_: bytes, low: int, high: int) -> list[tuple[int, int]]:
        read.append(high - low)
        return []

    monkeypatch.setattr(kubernetes, "_in_yaml", counted)
    text = "kind: Secret\n" * 10_000
    assert values(text) == []
    assert sum(read) < 20 * len(text)
