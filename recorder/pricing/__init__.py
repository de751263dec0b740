"""What an answer cost, in exact decimals, from bundled tables; pure and offline.

`price` is the room's door. The table (genai-prices) is heavy and is imported at the first call, not with this package;
`load` does it before.
"""

from recorder.pricing.price import Price, price
from recorder.pricing.table import load

__all__ = ["Price", "load", "price"]
