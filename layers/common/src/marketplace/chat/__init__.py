"""Rooms, messages and the files that people share in them."""
