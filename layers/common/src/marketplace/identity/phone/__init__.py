"""Telephone numbers as people write them, by the plans of countries."""
