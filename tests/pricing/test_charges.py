from recorder.model import Iteration, Usage
from recorder.pricing.charges import TOP, Charge, prompt, split


def message(**counts: int) -> Iteration:
    return Iteration(type="message", usage=Usage(**counts))  # type: ignore[arg-type]


def keys(usage: Usage, *, tiered: bool = False) -> list[str]:
    return [charge.key for charge in split(usage, tiered=tiered).billed]


def test_the_top_level_is_the_charge() -> None:
    usage = Usage(input_tokens=5, speed="fast")
    assert split(usage, tiered=True).billed == (Charge(TOP, None, usage, fast=True),)


def test_messages_are_priced_apart_only_where_tiers_are_and_only_if_they_add_up() -> None:
    parts = (message(input_tokens=5, output_tokens=1), message(input_tokens=7))
    whole = Usage(input_tokens=12, output_tokens=1, iterations=parts)
    assert keys(whole, tiered=True) == ["iterations.0", "iterations.1"]
    assert keys(whole) == [TOP]
    assert keys(Usage(input_tokens=13, output_tokens=1, iterations=parts), tiered=True) == [TOP]


def test_one_hour_writes_known_only_in_sum_are_handed_down() -> None:
    parts = (message(cache_write_5m_tokens=5), message(cache_write_5m_tokens=7))
    usage = Usage(cache_write_5m_tokens=4, cache_write_1h_tokens=8, iterations=parts)
    found = [(c.usage.cache_write_5m_tokens, c.usage.cache_write_1h_tokens) for c in split(usage, tiered=True).billed]
    assert found == [(0, 5), (4, 3)]


def test_compaction_and_advice_come_on_top() -> None:
    usage = Usage(
        speed="fast",
        iterations=(
            Iteration(type="compaction", usage=Usage(input_tokens=9)),
            message(),
            Iteration(type="advisor_message", model="other", usage=Usage(input_tokens=3)),
        ),
    )
    charges = split(usage, tiered=False).billed
    assert [(c.key, c.model, c.fast) for c in charges] == [
        (TOP, None, True),
        ("iterations.0", None, True),
        ("iterations.2", "other", False),  # the session's speed is not the advisor's
    ]


def test_a_fallback_is_billed_in_place_of_the_top_level() -> None:
    usage = Usage(
        input_tokens=100,
        iterations=(
            Iteration(type="message", model="asked", usage=Usage(input_tokens=40)),
            Iteration(type="message", model="served", usage=Usage(input_tokens=30)),
            Iteration(type="fallback_message", model="served", usage=Usage(input_tokens=30)),
        ),
    )
    assert [(c.key, c.model) for c in split(usage, tiered=True).billed] == [
        ("iterations.1", "served"),
        ("iterations.2", "served"),
    ]


def test_unknown_types_are_counted() -> None:
    usage = Usage(iterations=(Iteration(type="dream", usage=Usage()), message()))
    assert split(usage, tiered=False).unknown_types == 1


def test_a_prompt_is_all_that_was_read() -> None:
    usage = Usage(
        input_tokens=1, output_tokens=64, cache_read_tokens=2, cache_write_5m_tokens=4, cache_write_1h_tokens=8
    )
    assert prompt(usage) == 15
