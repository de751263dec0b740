"""Brings a policy from the user's files: the configuration, the switch of `recorder route use`, referenced secrets."""
