"""Whole bookings that are played and removed."""
