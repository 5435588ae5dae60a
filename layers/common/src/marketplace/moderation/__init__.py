"""Keeping people safe: reports, what becomes of them, and who wants nothing to do with whom."""
