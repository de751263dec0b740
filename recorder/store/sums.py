"""The sums that sessions and usage share, in SQL. Money is summed by `decimal.Decimal`, never as a float."""

from decimal import Context, Decimal

from sqlite_utils import Database

EXACT = Context(prec=200)
"""Enough digits that no sum of amounts is ever rounded."""

MODEL_USED = "coalesce(i.model_answered, i.model)"

TOKENS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "thinking_tokens",
    "web_search_requests",
)

# A call that failed without saying what it used cost nothing; one that was broken off may have cost something.
UNKNOWN_COST = """(
  i.cost_usd IS NULL AND i.flow_class = 'model'
  AND (i.state IN ('complete', 'aborted', 'lost') OR i.input_tokens + i.output_tokens > 0)
)"""

SUMS = ", ".join(
    [
        "count(*) AS interactions",
        *(f"coalesce(sum(i.{name}), 0) AS {name}" for name in TOKENS),
        "decimal_sum(i.cost_usd) AS cost_usd",
        f"count(*) FILTER (WHERE {UNKNOWN_COST}) AS unknown_costs",
    ]
)
"""Columns over `interactions AS i`; needs `register_decimal_sum`."""

SUMS_OF_SUMS = ", ".join(
    [
        "sum(i.interactions) AS interactions",
        *(f"coalesce(sum(i.{name}), 0) AS {name}" for name in TOKENS),
        "decimal_sum(i.cost_usd) AS cost_usd",
        "sum(i.unknown_costs) AS unknown_costs",
    ]
)
"""The same over the rows of `recorder.store.totals`."""


class DecimalSum:
    """An SQL aggregate: the exact sum of texts that hold decimals, as such a text; nulls are passed over."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, value: str | None) -> None:
        """Add one value."""
        if value is not None:
            self._sum = EXACT.add(self._sum, Decimal(value))

    def finalize(self) -> str:
        """Return the sum without exponent."""
        return format(self._sum, "f")


def register_decimal_sum(db: Database) -> None:
    """Make `decimal_sum` known to this connection."""
    db.conn.create_aggregate("decimal_sum", 1, DecimalSum)  # type: ignore[arg-type] # typeshed knows integers only
