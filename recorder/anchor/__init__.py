"""Anchors: checkpoints in places that whoever writes the database does not own."""
