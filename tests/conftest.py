"""Settings that every test shares."""

import signal

from hypothesis import settings

# No test measures time: a busy machine must not turn one red. What else the environment chose (CI) stays.
# Nor must a change be judged by what chance finds in what was there before: examples are the same in each run, and
# `make explore` looks for others.
settings.register_profile("house", parent=settings(), deadline=None, derandomize=True)
settings.register_profile("explore", parent=settings(), deadline=None, derandomize=False)
settings.load_profile("house")

# A shell that starts the tests in the background has SIGINT ignored, which programs under test would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
