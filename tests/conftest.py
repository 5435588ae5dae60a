"""What all tests share."""

from hypothesis import settings

# How long an example takes says more about the machine than about the code; benchmarks judge speed.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
