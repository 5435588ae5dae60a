"""The marketplace for massage bookings: its rules, its store, and its words to the outside."""

from marketplace.platform.cold_start import shorten

shorten()
