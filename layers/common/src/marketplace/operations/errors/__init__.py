"""Recorded errors: read from the logs, counted, listed."""
