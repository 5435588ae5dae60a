"""Policies: the terms that bookings are made under, a version each."""
