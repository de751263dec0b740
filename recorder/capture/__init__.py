"""The pipeline from a raw exchange to a durable record: the proxy's half, the writer process, and what lies between."""
