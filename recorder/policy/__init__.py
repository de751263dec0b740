"""What a routing configuration means: its upstreams and rules, which rule fires, and where a request then goes.

Pure: tables in, decisions out. Files, secrets and the watch over both are `recorder.routing`'s.
"""
