"""Settings that every test shares."""

from hypothesis import settings

# No test measures time: a busy machine must not turn one red. What else the environment chose (CI) stays.
settings.register_profile("house", parent=settings(), deadline=None)
settings.load_profile("house")
