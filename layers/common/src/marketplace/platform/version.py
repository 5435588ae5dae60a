"""The version that runs, for metrics; from pyproject.toml."""

VERSION = "0.2.0"
