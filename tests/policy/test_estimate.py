"""What a request is expected to cost: by the name of the model that is asked where it goes."""

import pytest

from recorder.model import Provider
from recorder.policy.estimate import Asking, Learned

HAIKU, OPUS = "claude-haiku-4-5", "claude-opus-4-6"


@pytest.mark.parametrize(
    ("client", "there", "names", "same_as"),
    [
        (HAIKU, HAIKU, {}, HAIKU),
        (HAIKU, OPUS, {}, OPUS),
        (OPUS, HAIKU, {}, HAIKU),
        ("fast", HAIKU, {}, HAIKU),
        ("fast", "gateway-alias", {"fast": OPUS}, OPUS),  # as the answer is priced
        ("fast", "gateway-alias", {"gateway-alias": HAIKU}, HAIKU),
        (HAIKU, "gateway-alias", {}, None),
    ],
)
def test_the_model_that_is_asked_is_priced(client: str, there: str, names: dict[str, str], same_as: str | None) -> None:
    def usd(model: str, priced_as: str, names: dict[str, str]) -> object:
        asking = Asking(
            at_us=1_790_000_000_000_000,
            session="s",
            agent_id=None,
            model=model,
            priced_as=priced_as,
            provider=Provider.ANTHROPIC,
            bytes=10_000,
            max_tokens=1000,
        )
        return Learned().estimate(asking, names).most.usd

    assert usd(client, there, names) == (usd(same_as, same_as, {}) if same_as else None)
