"""`python -m tests.bench.report results.json` puts a run's tables, picture and figures into docs/.

The tables go between two marks of docs/performance.md; what is written around them stays.
"""

import argparse
from pathlib import Path

import msgspec

from tests.bench.picture import svg
from tests.bench.results import Results
from tests.bench.tables import text
from tests.e2e.installs import CHECKOUT

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"
DOCS = CHECKOUT / "docs"
PICTURE = "pictures/performance.svg"


def main() -> None:
    """Write what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.report", description=__doc__)
    parser.add_argument("results", type=Path, help="what `python -m tests.bench` wrote")
    parser.add_argument("--docs", type=Path, default=DOCS, help="the folder with performance.md")
    arguments = parser.parse_args()
    content = arguments.results.read_bytes()
    results = msgspec.json.decode(content, type=Results)
    page = arguments.docs / "performance.md"
    page.write_text(
        put(
            page.read_text(encoding="utf-8"),
            f"![ratios to a mitmproxy that records nothing]({PICTURE})\n\n{text(results)}",
        ),
        encoding="utf-8",
    )
    (arguments.docs / PICTURE).write_text(svg(results), encoding="utf-8")
    (arguments.docs / "performance.json").write_bytes(content)


def put(page: str, tables: str) -> str:
    """Return the page with the tables between its marks; ValueError when it has not exactly one pair of them."""
    before, begin, rest = page.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end or BEGIN in old + after or END in before + after:
        raise ValueError(f"the page must hold {BEGIN} and {END} once, in this order")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


if __name__ == "__main__":
    main()
