"""Who may use a recorder: its own keys, by which it knows whose a request is."""
