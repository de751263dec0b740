"""A bundled provider and client, both synthetic: they play a session on the loopback, without account or network."""
