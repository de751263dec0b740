import random

from recorder.redact.rules import FORMAT_RULES, RuleSet
from recorder.redact.rules.base import Place, Rule


class Numbered(Rule):
    kind = "numbered"
    pattern = r"no\.([0-9]{3,})|number-[0-9]+"


class Refusing(Rule):
    kind = "refusing"
    pattern = r"ab+"
    asked = 0

    def accepts(self, place: Place) -> bool:
        self.asked += 1
        return False


def test_the_secret_is_the_group_that_took_part_or_the_whole_match() -> None:
    spans = RuleSet("x", [Numbered()]).find(b"no.1234 number-7")
    assert [(span.start, span.end, span.value) for span in spans] == [(3, 7, b"1234"), (8, 16, b"number-7")]


def test_a_text_made_to_be_rejected_is_given_up_on_and_goes() -> None:
    rule = Refusing()
    assert RuleSet("x", [rule]).find(b"ab " * 1000) == []
    assert rule.asked == 1000
    # Overlapping rejections cost the square of the text's length; patience ends that.
    nested = Overlapping()
    assert RuleSet("x", [nested]).find(b"a" * 5000) != []
    assert nested.asked < 500


class Overlapping(Refusing):
    pattern = r"a{1,}"


def test_the_format_rules_take_every_byte() -> None:
    noise = random.Random(1).randbytes(20_000)
    RuleSet("formats", FORMAT_RULES).find(noise)
