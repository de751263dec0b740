import subprocess
import sys

CHECK = """
import sys
import recorder.pricing
assert "genai_prices" not in sys.modules
recorder.pricing.load()
before = set(sys.modules)
from datetime import UTC, datetime
from recorder.model import Provider, Usage
usage = Usage(input_tokens=1, output_tokens=1)
assert recorder.pricing.price(usage, Provider.ANTHROPIC, "claude-haiku-4-5", at=datetime(2026, 11, 1, tzinfo=UTC)).usd
assert set(sys.modules) == before, set(sys.modules) - before
"""


def test_the_table_is_imported_when_it_is_asked_for() -> None:
    subprocess.run([sys.executable, "-c", CHECK], check=True, timeout=60)
