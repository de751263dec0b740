"""Credentials that the recorder brings itself: found, kept for a while, renewed. Never on a disk."""
