"""Budgets and rates at work: reads them from the user's file, lets requests through, holds them back or refuses them.

`recorder.policy` says what they mean, `recorder.store` keeps what is held and spent.
"""
