"""Channels to people outside the app, an adapter each."""
