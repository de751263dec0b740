"""Settings that every test shares."""

import signal

from hypothesis import settings

# No test measures time: a busy machine must not turn one red. What else the environment chose (CI) stays.
settings.register_profile("house", parent=settings(), deadline=None)
settings.load_profile("house")

# A shell that starts the tests in the background has SIGINT ignored, which programs under test would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
