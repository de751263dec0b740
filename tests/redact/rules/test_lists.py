import pytest

from recorder.redact.rules.lists import ListDetector

DETECTOR = ListDetector()
PASSWORD, OTHER = "Tr0ub4dor" + "!x9", "velvet-coral" + "-37!"
TOKEN = "9f3kQ7zLm2" + "Xw8RtY5b"

FLAGGED = [
    (f'{{"passwords": ["{PASSWORD}", "{OTHER}"]}}', [PASSWORD, OTHER]),
    (f'{{"password": [ "{PASSWORD}" ], "next": ["{OTHER}"]}}', [PASSWORD]),
    (f"API_KEYS = ['{TOKEN}', None, 'short']", [TOKEN]),
    (f"api_keys:\n  - {TOKEN}\n  - '{TOKEN}2'\nother:\n  - {TOKEN}3\n", [TOKEN, TOKEN + "2"]),
    (f'String[] secrets = new String[] {{"{TOKEN}", "word"}};', [TOKEN]),
    (f'tokens: [\n  "{TOKEN}",\n]', [TOKEN]),
]

NEAR_MISSES = [
    "'password' => ['required', 'min:8', 'max:255', 'confirmed'],",
    'tokens = ["the", "quick", "brown"]',
    'MODEL_TOKENS = {\n    "claude-opus-4-20250514": 8_192,\n}',
    'secret_names = ["9f3kQ7zLm2Xw8RtY5b"]',
    "tokens:\n  - name: x\n",
    'password_fields = ["current", "new"]',
]


@pytest.mark.parametrize(("text", "secrets"), FLAGGED)
def test_finds_each_item_that_was_made(text: str, secrets: list[str]) -> None:
    assert [span.value.decode() for span in DETECTOR.find(text.encode())] == secrets


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_leaves_lists_of_words(text: str) -> None:
    assert DETECTOR.find(text.encode()) == []
