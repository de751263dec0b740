"""Wire formats, read and written without I/O, clock or mitmproxy: bytes in, what they say out, nothing raised."""
