"""Text that can be stored: SQLite and canonical JSON take valid Unicode only, the wire takes anything."""


def valid(text: str) -> str:
    """Return the text with each lone surrogate as U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
