"""How long content must be kept at least, whoever asks for it to be let go."""

from recorder.errors import ConfigError

LEAST_DAYS = 183
"""Six months, which Regulation (EU) 2024/1689 (AI Act) Art. 19(1) and Art. 26(6) want logs to be kept at least."""


def check_days(days: int, *, below_minimum: bool) -> None:
    """Raise ConfigError for fewer days than the law wants logs to be kept, unless somebody said that this is meant."""
    if days < 1:
        raise ConfigError(f"{days} days: content is kept for at least 1 day")
    if days < LEAST_DAYS and not below_minimum:
        raise ConfigError(
            f"{days} days: the EU AI Act (Art. 19 and 26(6)) wants logs to be kept for six months, {LEAST_DAYS} days;"
            " if it does not bind you, say so with --below-minimum, or below_minimum = true in [retention]"
        )
